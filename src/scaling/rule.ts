/**
 * How many worker processes a pool shall have. Pure: drivers, previews and tests all ask this one function.
 *
 *     needed = service time × (headroom × arrivals + captures there ÷ goal) ÷ concurrency
 *
 * Up at once; down when less was enough for the whole stabilisation window; neither while the pool is paused.
 * Where the formula is wrong, because the service time is, the age of the oldest capture tells: over the goal,
 * the pool doubles, once per goal. docs/scaling.md explains it.
 */
import { type Finding, type Hold, inWords } from "./decision-words.ts";
import type { PoolLimits } from "./pool-limits.ts";

/** What one pool has to do and with what; captures, not jobs. */
export interface PoolLoad {
  /** Could be taken now: waiting, prioritised, due delayed and suspect ones. */
  waiting: number;
  active: number;
  /** Delayed, and not due yet: no work now, but a reason for a worker to be there. */
  later: number;
  /** Kept back before the queue by flow control, so that the queue alone would say too little. */
  heldBack: number;
  arrivalsPerSecond: number;
  /** How long the oldest that could be taken has waited. */
  oldestAgeMs: number;
  /** Milliseconds of one slot of a worker per capture. */
  serviceMs: number;
  /** Slots of one worker: batches at a time. */
  concurrency: number;
  /** Workers that say that they live; those that start do not yet. */
  alive: number;
  paused: boolean;
}

/** What is remembered from one decision to the next. */
export interface PoolHistory {
  /** Since when it has no gap. */
  sinceMs: number;
  /** What was wanted in the stabilisation window, oldest first; without what a later moment wanted as much or more. */
  wanted: readonly { atMs: number; replicas: number }[];
  /** When the pool was last made larger. */
  raisedAtMs: number;
}

export interface Decision {
  replicas: number;
  /** In words for people: "640 captures and 320/s more need 4 at 12 ms each: 1 → 4". */
  reason: string;
  /** At its maximum, and that is not enough: more work from the stage before would only lie here. */
  saturated: boolean;
  history: PoolHistory;
}

export interface Situation {
  /** Workers that the pool has now, those that start included. */
  replicas: number;
  limits: PoolLimits;
  /** The name of the next stage where that is saturated. */
  saturatedNext?: string;
  /** That of the last decision; absent: this is the first one. */
  history?: PoolHistory;
  nowMs: number;
}

/** An HPA leaves a pool alone that is a tenth too small: what it does not start will not catch up. */
const hpaTolerance = 1.1;

export function decide(load: PoolLoad, situation: Situation): Decision {
  const { replicas: now, limits, nowMs } = situation;
  const history = continued(situation.history, limits, nowMs);
  const byWork = neededFor(load, limits);
  const byAge = neededByAge(load, situation, history);
  const needed = Math.max(byWork, byAge);
  const hold = holdOf(load, situation);
  // A pause says nothing of how few are enough afterwards.
  const wanted = hold?.kind === "paused" ? Math.max(now, needed) : needed;
  const past = [...history.wanted.filter(({ replicas }) => replicas > wanted), { atMs: nowMs, replicas: wanted }];
  const enough = past[0]?.replicas ?? wanted;
  const mayShrink = nowMs - history.sinceMs >= limits.stabilisationMs;

  const replicas = clamp(settle({ now, needed, enough, mayShrink, hold }), limits);
  const finding: Finding = { load, limits, now, replicas, byWork, byAge, enough, hold };
  return {
    replicas,
    reason: inWords(finding),
    saturated: !load.paused && replicas >= limits.max && (needed > limits.max || load.oldestAgeMs > limits.goalMs),
    history: { sinceMs: history.sinceMs, wanted: past, raisedAtMs: replicas > now ? nowMs : history.raisedAtMs },
  };
}

function settle(facts: { now: number; needed: number; enough: number; mayShrink: boolean; hold?: Hold }): number {
  const { now, needed, enough, mayShrink, hold } = facts;
  if (hold?.kind === "paused") return now;
  // Whatever is saturated: without a single worker nobody would rescue, expire or reject what is there.
  if (needed > now) return hold ? Math.max(now, Math.min(needed, 1)) : needed;
  return mayShrink ? Math.min(now, enough) : now;
}

/** By the formula above; at least 1 while anything is there, for only a live worker rescues and promotes jobs. */
function neededFor(load: PoolLoad, { goalMs, headroom }: PoolLimits): number {
  const there = load.waiting + load.active + load.heldBack;
  const perMs = (headroom * load.arrivalsPerSecond) / 1000 + there / goalMs;
  const needed = Math.ceil((load.serviceMs * perMs) / Math.max(1, load.concurrency));
  return Math.max(needed, there + load.later > 0 ? 1 : 0);
}

/** None goes while captures are late; twice what there is, when all of it is at work and had a goal's time to catch up. */
function neededByAge(load: PoolLoad, { replicas, limits, nowMs }: Situation, history: PoolHistory): number {
  if (load.oldestAgeMs <= limits.goalMs) return 0;
  const catchesUp = load.alive * hpaTolerance < replicas || nowMs - history.raisedAtMs < limits.goalMs;
  return catchesUp ? replicas : Math.max(1, 2 * replicas);
}

function holdOf(load: PoolLoad, { saturatedNext }: Situation): Hold | undefined {
  if (load.paused) return { kind: "paused" };
  return saturatedNext === undefined ? undefined : { kind: "saturated", stage: saturatedNext };
}

/** What is still within the window. After a gap (a machine that slept, a scaler that was away) all begins anew. */
function continued(history: PoolHistory | undefined, { stabilisationMs }: PoolLimits, nowMs: number): PoolHistory {
  const lastMs = history?.wanted.at(-1)?.atMs ?? Number.NEGATIVE_INFINITY;
  if (!history || nowMs - lastMs > stabilisationMs) {
    return { sinceMs: nowMs, wanted: [], raisedAtMs: Number.NEGATIVE_INFINITY };
  }
  return { ...history, wanted: history.wanted.filter(({ atMs }) => nowMs - atMs <= stabilisationMs) };
}

const clamp = (replicas: number, { min, max }: PoolLimits) => Math.min(max, Math.max(min, replicas));
