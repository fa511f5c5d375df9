/** A scaling decision in words: every answer says why, in the figures that led to it. */
import type { PoolLimits } from "./pool-limits.ts";
import type { PoolLoad } from "./rule.ts";

/** Why a pool may not grow now. */
export type Hold = { kind: "paused" } | { kind: "saturated"; stage: string };

export interface Finding {
  load: PoolLoad;
  limits: PoolLimits;
  now: number;
  replicas: number;
  /** Needed by the formula, and by the age of the oldest capture. */
  byWork: number;
  byAge: number;
  /** The most that was needed in the stabilisation window. */
  enough: number;
  hold?: Hold;
}

export function inWords(finding: Finding): string {
  const { now, replicas } = finding;
  return replicas === now ? whyKept(finding) : `${whyMoved(finding)}: ${now} → ${replicas}`;
}

function whyMoved(finding: Finding): string {
  const { limits, now, replicas, byWork, byAge, enough, hold } = finding;
  if (now > limits.max || now < limits.min) return `the limits are ${limits.min} to ${limits.max}`;
  if (replicas < now) {
    const window = seconds(limits.stabilisationMs);
    return enough === 0 ? `nothing was there for ${window}` : `${enough} ${were(enough)} enough for ${window}`;
  }
  const capped = Math.max(byWork, byAge) > replicas && !hold ? `, ${limits.max} is the maximum` : "";
  return `${whyNeeded(finding)}${capped}`;
}

function whyKept(finding: Finding): string {
  const { load, limits, now, byWork, byAge, enough, hold } = finding;
  const needed = Math.max(byWork, byAge);
  if (hold?.kind === "paused") return "held: the queue is paused";
  if (needed > now && hold) return `held: ${hold.stage} is saturated (${needed} would be needed)`;
  if (needed > now) return `at the maximum of ${limits.max}: ${whyNeeded(finding)}`;
  if (byAge > byWork) return `${whyAge(load, limits)}, ${now} catch up`;
  if (needed === now) return now === 0 ? "nothing is there" : whyWork(load, needed);
  if (now <= limits.min) return `at the minimum of ${limits.min}`;
  const window = seconds(limits.stabilisationMs);
  return enough >= now
    ? `${now} ${were(now)} needed in the last ${window}`
    : `${needed} would do; fewer only after ${window}`;
}

const whyNeeded = ({ load, limits, byWork, byAge }: Finding) =>
  byAge > byWork ? whyAge(load, limits) : whyWork(load, byWork);

const whyAge = ({ oldestAgeMs }: PoolLoad, { goalMs }: PoolLimits) =>
  `age ${seconds(oldestAgeMs)} over the ${seconds(goalMs)} goal`;

function whyWork(load: PoolLoad, needed: number): string {
  const there = Math.round(load.waiting + load.active + load.heldBack);
  if (there === 0 && load.later > 0) return `${Math.round(load.later)} delayed captures need ${needed}`;
  const coming = `${load.arrivalsPerSecond.toFixed(0)}/s`;
  return `${there} captures and ${coming} more need ${needed} at ${Number(load.serviceMs.toFixed(1))} ms each`;
}

const were = (count: number) => (count === 1 ? "was" : "were");

function seconds(ms: number): string {
  return `${Number((ms / 1000).toFixed(1))} s`;
}
