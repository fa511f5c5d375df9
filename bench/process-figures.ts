import { readFileSync } from "node:fs";

/** CPU time and memory of a process, from Linux's /proc. */
export interface ProcessFigures {
  /** User and system time so far; the kernel counts in steps of 10 ms. */
  cpuMs: number;
  /** The most memory it ever had resident. */
  peakMiB: number;
}

const ticksPerSecond = 100;

export function processFigures(pid: number): ProcessFigures {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The name, in parentheses, may hold spaces; what follows it does not.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const peakKiB = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
  return { cpuMs: ((Number(fields[11]) + Number(fields[12])) * 1000) / ticksPerSecond, peakMiB: peakKiB / 1024 };
}

/** The processes that a process has begun, and theirs. */
export function descendants(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
  return children === ""
    ? []
    : children
        .split(" ")
        .map(Number)
        .flatMap((child) => [child, ...descendants(child)]);
}
