import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const tickMs = 10;
const quietShare = 0.15;

/**
 * Pins this process, and whatever it starts from here on, to some cores.
 * @param cores as taskset lists them: "0,1" or "0-3"
 * @returns their numbers
 */
export function pinTo(cores: string): number[] {
  const { status, stderr } = spawnSync("taskset", ["--all-tasks", "--cpu-list", "--pid", cores, String(process.pid)]);
  if (status !== 0) throw new Error(`taskset cannot pin to the cores ${cores}: ${stderr}`);
  return cores.split(",").flatMap((range) => {
    const [first = 0, last = first] = range.split("-").map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

/** For how long these cores did anything so far, for whomever; time that a hypervisor took counts as well. */
export function busyMsOf(cores: readonly number[]): number {
  const stat = readFileSync("/proc/stat", "utf8");
  return cores.reduce((sum, core) => {
    const fields = new RegExp(`^cpu${core} (.*)$`, "m").exec(stat)?.[1]?.trim().split(" ").map(Number) ?? [];
    const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = fields;
    return sum + (user + nice + system + irq + softirq + steal) * tickMs;
  }, 0);
}

/** Waits until these cores do next to nothing, which what is measured does as well while nobody asks it anything. */
export async function untilQuiet(cores: readonly number[], limitMs: number): Promise<void> {
  for (const endsAtMs = Date.now() + limitMs; Date.now() < endsAtMs; ) {
    const before = busyMsOf(cores);
    await sleep(500);
    if (busyMsOf(cores) - before < quietShare * 500 * cores.length) return;
  }
}
