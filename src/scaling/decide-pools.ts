import { type StageName, stageNames } from "../pipeline/stages.ts";
import type { MeasuredPool } from "./measure.ts";
import type { PoolLimits } from "./pool-limits.ts";
import { type Decision, decide, type PoolHistory, type PoolLoad } from "./rule.ts";

/** What is known of a pool besides its load. */
export interface PoolState {
  replicas: number;
  limits: PoolLimits;
  history?: PoolHistory;
}

export interface PoolDecision extends Decision {
  stage: StageName;
  /** What it was decided from. */
  limits: PoolLimits;
  load: PoolLoad;
}

/**
 * One decision per pool, from the last stage to the first: a pool is held while any stage after it is saturated,
 * for what it would do more would only lie there.
 */
export function decidePools(
  pools: readonly MeasuredPool[],
  stateOf: (stage: StageName) => PoolState,
  nowMs: number,
): PoolDecision[] {
  let saturatedNext: StageName | undefined;
  const decisions: PoolDecision[] = [];
  for (const stage of stageNames.toReversed()) {
    const load = pools.find((pool) => pool.stage === stage)?.load;
    if (!load) continue;
    const state = stateOf(stage);
    const decision = decide(load, { ...state, saturatedNext, nowMs });
    if (decision.saturated) saturatedNext = stage;
    decisions.unshift({ ...decision, stage, limits: state.limits, load });
  }
  return decisions;
}
