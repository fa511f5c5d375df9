/** Levels of numbers, the worst of several, and of the data itself. Pure. */
import type { Level, OpsPool, OpsState } from "../../../review/contract/ops.ts";

const order = ["normal", "warning", "breach"] as const satisfies Level[];

export function worstOf(levels: readonly Level[]): Level {
  return order[Math.max(0, ...levels.map((level) => order.indexOf(level)))] ?? "normal";
}

/** What a pool's box says at a glance: the worst of its numbers. */
export function levelOfPool({ oldestAgeMs, drainMs, outPerSecond, serviceMs, busy, replicas }: OpsPool): Level {
  return worstOf([oldestAgeMs, drainMs, outPerSecond, serviceMs, busy, replicas].map(({ level }) => level));
}

/** Past this the figures are hatched, and nothing can be changed on their ground. */
const oldMs = 10_000;
const warnMs = 3_000;

/** How old the figures are now, though no newer answer came; and at what level that is. */
export function ageOf(state: Pick<OpsState, "at">, nowMs: number): { ageMs: number; level: Level } {
  const ageMs = Math.max(0, nowMs - Date.parse(state.at));
  return { ageMs, level: ageMs > oldMs ? "breach" : ageMs > warnMs ? "warning" : "normal" };
}
