import { readFileSync } from "node:fs";
import { processFigures } from "../process-figures.ts";

/** User and system time so far of all these processes. */
export function cpuMsOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + processFigures(pid).cpuMs, 0);
}

/** Memory of all these processes; pages that several of them share count once between them (PSS). */
export function memoryMiBOf(pids: readonly number[]): number {
  const kib = pids.map((pid) => Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1]));
  return kib.reduce((sum, each) => sum + each, 0) / 1024;
}
