import type { Redis } from "ioredis";
import type { StageName } from "../../pipeline/stages.ts";
import { Tuning, tuningAt, untuned } from "../../pipeline/tuning/tuning.ts";
import { tuningKey } from "../../pipeline/tuning/tuning-store.ts";
import { readDecisions } from "../../scaling/decision-record.ts";
import type { Plan, PoolPlan } from "./plan.ts";

const staleMs = 60_000;
const defaultGoalMs = 3_000;

/** What the scaler decided last, and what is tuned. @throws Error when Redis does not answer */
export async function readPlan(redis: Redis, nowMs: number): Promise<Plan> {
  const [found, tuned] = await Promise.all([readDecisions(redis), redis.get(tuningKey)]);
  const record = found && nowMs - found.atMs < staleMs ? found : undefined;
  // What another release wrote is told of where it is tuned; the figures are shown all the same.
  const tuning = tuningAt((tuned ? Tuning.safeParse(JSON.parse(tuned)).data : undefined) ?? untuned, nowMs);
  const planOf = (stage: StageName): PoolPlan => {
    const pool = record?.pools.find((each) => each.stage === stage);
    const goalMs = pool?.limits.goalMs ?? tuning.stages[stage]?.goalMs ?? defaultGoalMs;
    if (!pool) return { wanted: null, min: null, max: null, goalMs, reason: null, saturated: false };
    const { replicas, limits, reason, saturated } = pool;
    return { wanted: replicas, min: limits.min, max: limits.max, goalMs, reason, saturated };
  };
  return {
    driver: record?.driver ?? null,
    by: record?.by ?? null,
    decidedAtMs: record?.atMs ?? null,
    pools: {
      fetch: planOf("fetch"),
      preprocess: planOf("preprocess"),
      infer: planOf("infer"),
      postprocess: planOf("postprocess"),
    },
    tuning: { version: tuning.version, trialUntilMs: tuning.trial?.untilMs ?? null },
  };
}
