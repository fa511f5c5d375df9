import { readFileSync } from "node:fs";
import { processFigures } from "../process-figures.ts";
import type { Part } from "./systems/system-under-test.ts";

/** What the parts of a system used of this machine. */
export interface Usage {
  /** User and system time so far. */
  cpuMs: number;
  /** Pages that several processes share count once between them (PSS). */
  memoryMiB: number;
}

export function usageOf({ pids }: Part): Usage {
  return {
    cpuMs: pids.reduce((sum, pid) => sum + processFigures(pid).cpuMs, 0),
    memoryMiB: pids.reduce((sum, pid) => sum + pssKiB(pid), 0) / 1024,
  };
}

function pssKiB(pid: number): number {
  return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1] ?? 0);
}
