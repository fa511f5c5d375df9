import type { Redis } from "ioredis";
import { z } from "zod";
import { keyPrefix } from "../../pipeline/queues.ts";
import type { StageName } from "../../pipeline/stages.ts";
import { Tuning, tuningAt, untuned } from "../../pipeline/tuning/tuning.ts";
import { tuningKey } from "../../pipeline/tuning/tuning-store.ts";
import type { Plan, PoolPlan } from "./plan.ts";

const staleMs = 60_000;
const defaultGoalMs = 3_000;

const Record1 = z.object({
  v: z.literal(1),
  atMs: z.number(),
  driver: z.string(),
  by: z.string(),
  pools: z.array(
    z.object({
      stage: z.string(),
      replicas: z.number(),
      limits: z.object({ min: z.number(), max: z.number(), goalMs: z.number() }),
      reason: z.string(),
      saturated: z.boolean(),
    }),
  ),
});

/** What the scaler decided last, and what is tuned. @throws Error when Redis does not answer */
export async function readPlan(redis: Redis, nowMs: number): Promise<Plan> {
  const [decided, tuned] = await redis.mget(`${keyPrefix}:scaling`, tuningKey);
  const found = decided ? Record1.safeParse(JSON.parse(decided)).data : undefined;
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
