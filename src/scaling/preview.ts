/**
 * What a change of tuning would do, by the rule itself, on what is measured now. Pure. It says where each pool would
 * settle if the load stayed as it is: the rule's patience before it makes a pool smaller is left out.
 */
import type { StageName } from "../pipeline/stages.ts";
import { decidePools, type PoolDecision } from "./decide-pools.ts";
import type { PoolLimits } from "./pool-limits.ts";
import { capacity, mostReplicas, type PoolUnderChange, type Side, serviceMs } from "./pool-under-change.ts";
import { previewWarnings } from "./preview-warnings.ts";
import type { PoolHistory, PoolLoad } from "./rule.ts";

export interface FromTo<Value> {
  from: Value;
  to: Value;
}

export interface PoolPreview {
  stage: StageName;
  replicas: FromTo<number>;
  /** Until what is there now is worked off; null: never, for more comes than goes. */
  drainSeconds: FromTo<number | null>;
  /** Of the number after the change, in the rule's words. */
  reason: string;
}

export interface ChangePreview {
  /** In the order of the pipeline. */
  pools: PoolPreview[];
  /** The pool that, with all the workers that it may have, does the fewest captures a second; null: nothing is known. */
  bottleneck: FromTo<StageName | null>;
  warnings: string[];
}

/** @param deadlineMs captures older than this expire */
export function previewChange(
  pools: readonly PoolUnderChange[],
  { deadlineMs, nowMs }: { deadlineMs: number; nowMs: number },
): ChangePreview {
  const [before, after] = [settled(pools, "before", nowMs), settled(pools, "after", nowMs)];
  const bottleneck = { from: slowest(pools, "before"), to: slowest(pools, "after") };
  return {
    pools: pools.map((pool) => {
      const [from, to] = [decided(before, pool), decided(after, pool)];
      return {
        stage: pool.stage,
        replicas: { from: from.replicas, to: to.replicas },
        drainSeconds: {
          from: drainSeconds(pool, "before", from.replicas),
          to: drainSeconds(pool, "after", to.replicas),
        },
        reason: pool.scaled ? to.reason : "nobody scales this pool",
      };
    }),
    bottleneck,
    warnings: pools.flatMap((pool) => previewWarnings(pool, deadlineMs)),
  };
}

/** What the rule would end in. */
function settled(pools: readonly PoolUnderChange[], side: Side, nowMs: number): PoolDecision[] {
  const loads = pools.map((pool) => ({ stage: pool.stage, load: loadUnder(pool, side) }));
  const limitsOf = ({ scaled, replicas, ...pool }: PoolUnderChange): PoolLimits =>
    scaled ? pool[side].limits : { ...pool[side].limits, min: replicas, max: replicas };
  const stateOf = (stage: StageName) => {
    const pool = pools.find((each) => each.stage === stage);
    if (!pool) throw new Error(`${stage} was not measured`);
    const limits = limitsOf(pool);
    return { replicas: pool.replicas, limits, history: pastWindow(limits, nowMs) };
  };
  return decidePools(loads, stateOf, nowMs);
}

/** A whole window in which nothing was needed, so that the rule may answer with fewer workers at once. */
function pastWindow({ stabilisationMs }: PoolLimits, nowMs: number): PoolHistory {
  const wanted = [{ atMs: nowMs, replicas: 0 }];
  return { sinceMs: nowMs - stabilisationMs, wanted, raisedAtMs: Number.NEGATIVE_INFINITY };
}

function loadUnder(pool: PoolUnderChange, side: Side): PoolLoad {
  const { concurrency, paused } = pool[side];
  return { ...pool.load, concurrency, paused, serviceMs: serviceMs(pool, side) };
}

function drainSeconds(pool: PoolUnderChange, side: Side, replicas: number): number | null {
  const { waiting, active, heldBack, arrivalsPerSecond } = pool.load;
  const there = waiting + active + heldBack;
  if (there === 0) return 0;
  const surplus = capacity(pool, side, replicas) - arrivalsPerSecond;
  return surplus > 0 ? there / surplus : null;
}

function slowest(pools: readonly PoolUnderChange[], side: Side): StageName | null {
  let [stage, least]: [StageName | null, number] = [null, Number.POSITIVE_INFINITY];
  for (const pool of pools) {
    const most = capacity(pool, side, mostReplicas(pool, side));
    if (most < least) [stage, least] = [pool.stage, most];
  }
  return stage;
}

function decided(decisions: readonly PoolDecision[], { stage }: PoolUnderChange): PoolDecision {
  const found = decisions.find((each) => each.stage === stage);
  if (!found) throw new Error(`${stage} was not decided on`);
  return found;
}
