/** What the deployment says of each pool before tuning, as far as running processes tell. */
import type { Redis } from "ioredis";
import { readIngress, readPools } from "../pipeline/pool-figures.ts";
import { type StageName, stages } from "../pipeline/stages.ts";
import type { KnownLimits } from "../pipeline/tuning/merge-change.ts";
import type { TunedStages } from "../pipeline/tuning/tuning.ts";
import { readDecisions } from "./decision-record.ts";
import type { MeasuredPool } from "./measure.ts";
import { type PoolLimits, tunedLimits } from "./pool-limits.ts";
import type { PoolSettings, PoolUnderChange } from "./pool-under-change.ts";

export interface DeployedPool {
  stage: StageName;
  /** Workers that it has; as many as are wanted where somebody scales it. */
  replicas: number;
  concurrency: number;
  /** Captures per batch, as ingress makes them; undefined: no ingress runs. */
  batch: number | undefined;
  /** undefined: nobody scales it. */
  limits: PoolLimits | undefined;
}

/** @throws Error when Redis does not answer */
export async function readDeployment(redis: Redis, nowMs: number): Promise<DeployedPool[]> {
  const [pools, ingresses, decided] = await Promise.all([
    readPools(redis, nowMs),
    readIngress(redis, nowMs),
    readDecisions(redis),
  ]);
  const batch = ingresses.find(({ batchSize }) => batchSize > 0)?.batchSize;
  return pools.map(({ stage, processes }) => {
    const scaling = decided?.pools.find((each) => each.stage === stage);
    const reported = processes.find(({ defaultConcurrency }) => defaultConcurrency > 0);
    return {
      stage,
      replicas: scaling?.replicas ?? processes.length,
      concurrency: reported?.defaultConcurrency ?? stages[stage].concurrency,
      batch,
      limits: scaling && (decided?.defaults?.[stage] ?? scaling.limits),
    };
  });
}

/** For a change of tuning to be checked against. */
export function knownLimits(pools: readonly DeployedPool[]): KnownLimits {
  const known: KnownLimits = {};
  for (const { stage, limits } of pools) if (limits) known[stage] = { min: limits.min, max: limits.max };
  return known;
}

/** For a pool that nobody scales, so that its drain time can be told all the same. */
const unscaledLimits: PoolLimits = { min: 0, max: 0, goalMs: 3_000, stabilisationMs: 15_000, headroom: 1.25 };

/** What a preview asks for: the pools as they are measured, under one tuning and another. */
export function poolsUnderChange(
  measured: readonly MeasuredPool[],
  deployed: readonly DeployedPool[],
  { before, after }: { before: TunedStages; after: TunedStages },
): PoolUnderChange[] {
  return measured.flatMap(({ stage, load }) => {
    const pool = deployed.find((each) => each.stage === stage);
    if (!pool) return [];
    const settings = (tuned: TunedStages): PoolSettings => ({
      limits: tunedLimits(pool.limits ?? unscaledLimits, tuned[stage]),
      concurrency: tuned[stage]?.concurrency ?? pool.concurrency,
      // A queue that is paused by its own flag stays so, whatever is tuned.
      paused: tuned[stage]?.paused === true || (load.paused && before[stage]?.paused !== true),
    });
    const [from, to] = [settings(before), settings(after)];
    return [{ stage, load, replicas: pool.replicas, scaled: pool.limits !== undefined, before: from, after: to }];
  });
}
