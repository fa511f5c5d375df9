import { type StageName, stageNames } from "../pipeline/stages.ts";
import type { MeasuredPool } from "./measure.ts";
import type { PoolLimits } from "./pool-limits.ts";
import { type Decision, decide, type PoolHistory } from "./rule.ts";

/** What is known of a pool besides its load. */
export interface PoolState {
  replicas: number;
  limits: PoolLimits;
  history?: PoolHistory;
}

export type PoolDecision = Decision & { stage: StageName };

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
    const decision = decide(load, { ...stateOf(stage), saturatedNext, nowMs });
    if (decision.saturated) saturatedNext = stage;
    decisions.unshift({ ...decision, stage });
  }
  return decisions;
}
