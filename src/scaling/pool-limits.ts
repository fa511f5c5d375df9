import type { StageName } from "../pipeline/stages.ts";
import type { StageTuning } from "../pipeline/tuning/tuning.ts";

/** Between what a pool may move, and how quickly. */
export interface PoolLimits {
  /** Worker processes at least; 0 lets an idle pool go away whole. */
  min: number;
  /** Worker processes at most. */
  max: number;
  /** What is there shall be done within this time, and nothing shall wait longer. */
  goalMs: number;
  /** Fewer workers only after fewer were enough for so long. */
  stabilisationMs: number;
  /** Capacity for so many times what comes: at exactly 1 a queue never gets shorter. */
  headroom: number;
}

/** What comes is met with a quarter more, or a queue that has grown would never get shorter. */
const headroom = 1.25;

/** The limits of all pools as the environment sets them. */
export function limitsOf(settings: {
  stabilisationMs: number;
  pools: Record<StageName, Pick<PoolLimits, "min" | "max" | "goalMs">>;
}): Record<StageName, PoolLimits> {
  const { stabilisationMs, pools } = settings;
  const limits = (stage: StageName): PoolLimits => ({ ...pools[stage], stabilisationMs, headroom });
  return {
    fetch: limits("fetch"),
    preprocess: limits("preprocess"),
    infer: limits("infer"),
    postprocess: limits("postprocess"),
  };
}

/**
 * A driver's own limits with what ops have tuned in their place. Where a tuned limit and a default cross (the default
 * has moved since), the tuned one holds.
 */
export function tunedLimits(defaults: PoolLimits, tuned: StageTuning = {}): PoolLimits {
  const { min = defaults.min, max = defaults.max, goalMs = defaults.goalMs } = tuned;
  const crossed = min > max;
  return {
    ...defaults,
    goalMs,
    min: crossed && tuned.min === undefined ? max : min,
    max: crossed && tuned.min !== undefined ? min : max,
  };
}
