/**
 * On a machine that a burst keeps busy, a new worker took four seconds to start: it got one share of the processor
 * among many. So those that are at work give way to those that start; that brought it to one second or two.
 */
import { readdirSync, writeFileSync } from "node:fs";
import { setPriority } from "node:os";

/** Of 19. The kernel gives a process of priority 0 nine times as much. */
const niceness = 10;

/** Lowers a process's priority, for good. A process that has ended meanwhile is none to lower. */
export function giveWay(pid: number): void {
  try {
    for (const thread of threadsOf(pid)) setPriority(thread, niceness);
    // Where Linux shares out among sessions first, each of our processes is one.
    if (process.platform === "linux") writeFileSync(`/proc/${pid}/autogroup`, String(niceness));
  } catch {
    // It has ended, or this kernel knows no such groups: work goes on, only starts are slower.
  }
}

/** Linux has a priority per thread; those begun later have their parent's. Elsewhere the process has one. */
function threadsOf(pid: number): number[] {
  return process.platform === "linux" ? readdirSync(`/proc/${pid}/task`).map(Number) : [pid];
}
