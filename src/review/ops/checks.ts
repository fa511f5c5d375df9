/** From which number on what is a warning or a breach: the table of docs/ops.md. Pure. */
import { type Checks, over, plain } from "./alarm.ts";

/** Most numbers must be bad for so long, and clearly better for so long. */
const patience = { raiseMs: 10_000, clearMs: 30_000 };
/** For means over a while, which need no patience of their own. */
const atOnce = (met: boolean) => ({ condition: plain(met), raiseMs: 0, clearMs: 0 });
const nearGoal = 0.7;
/** Shares of so few verdicts say nothing. */
const fewVerdicts = 20;
/** So much less goes out than comes in before it is more than noise: a twentieth, and one a second. */
const behindShare = 0.95;

export function ageChecks(ageMs: number | null, goalMs: number): Checks {
  return {
    warning: { condition: over(ageMs, nearGoal * goalMs), ...patience },
    breach: { condition: over(ageMs, goalMs), ...patience },
  };
}

/** @param drainMs null: nothing goes out, which `flowChecks` tells of */
export function drainChecks(drainMs: number | null, goalMs: number, deadlineMs: number): Checks {
  return {
    warning: { condition: over(drainMs, goalMs), ...patience },
    breach: { condition: over(drainMs, deadlineMs), ...patience },
  };
}

/** @param ready captures that could be worked on now: those that come back later are nobody's fault */
export function flowChecks(inPerSecond: number | null, outPerSecond: number | null, ready: number): Checks {
  if (inPerSecond === null || outPerSecond === null) return { warning: unknown, breach: unknown };
  const behind = outPerSecond < behindShare * inPerSecond && inPerSecond - outPerSecond >= 1;
  return {
    warning: { condition: plain(behind), raiseMs: 30_000, clearMs: 10_000 },
    breach: { condition: plain(outPerSecond === 0 && ready > 0), raiseMs: 10_000, clearMs: 0 },
  };
}

export function serviceChecks(p95Ms: number | null, hourP95Ms: number | null): Checks {
  const condition = hourP95Ms === null ? undefined : over(p95Ms, 2 * hourP95Ms);
  return { warning: { condition, ...patience } };
}

/** @param busy share of the slots, mean of ten seconds */
export function busyChecks(busy: number | null, depthRises: boolean): Checks {
  if (busy === null) return { warning: atOnce(false), breach: atOnce(false) };
  return { warning: atOnce(busy > 0.85), breach: atOnce(busy > 0.97 && depthRises) };
}

/** @param wanted null: nobody scales the pool */
export function replicaChecks(wanted: number | null, running: number, depth: number): Checks {
  const short = wanted !== null && running < wanted;
  const none = running === 0 && depth > 0;
  return {
    warning: { condition: plain(short), raiseMs: 30_000, clearMs: 0 },
    breach: { condition: plain(short || none), raiseMs: none ? 10_000 : 120_000, clearMs: 0 },
  };
}

export interface FailureCounts {
  verdicts: number;
  unprocessable: number;
  expired: number;
}

export function failureChecks({ verdicts, unprocessable, expired }: FailureCounts): Checks {
  const share = verdicts < fewVerdicts ? 0 : (unprocessable + expired) / verdicts;
  return { warning: atOnce(share > 0.01), breach: atOnce(share > 0.05 || expired > 0) };
}

/** The level of the age of the data; it needs no patience, since it is the patience of whoever measures. */
export function dataLevel(ageMs: number): "normal" | "warning" | "breach" {
  return ageMs > 10_000 ? "breach" : ageMs > 3_000 ? "warning" : "normal";
}

const unknown = { condition: undefined, ...patience };
