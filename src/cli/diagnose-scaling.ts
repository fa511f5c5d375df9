import { readPools } from "../pipeline/pool-figures.ts";
import { tuningStore } from "../pipeline/tuning/tuning-store.ts";
import { connectRedis } from "../redis/connection.ts";
import { readDecisions } from "../scaling/decision-record.ts";
import type { Diagnosis } from "./diagnose.ts";
import { scalingFindings } from "./scaling-findings.ts";

const answerMs = 3_000;
/** Deep enough that a pause is found in it. */
const readEntries = 100;

/** What is to be said of scaler, pools and tuning. @throws Error when Redis does not answer, TuningError for what nobody can read */
export async function diagnoseScaling(redisUrl: string, deadlineMs: number): Promise<Diagnosis[]> {
  const overrides = { maxRetriesPerRequest: 1, commandTimeout: answerMs };
  const redis = connectRedis(redisUrl, { role: "client", overrides });
  try {
    const nowMs = Date.now();
    const store = tuningStore(redis);
    const [pools, decided, tuning, log] = await Promise.all([
      readPools(redis, nowMs),
      readDecisions(redis),
      store.read(nowMs),
      store.log(readEntries),
    ]);
    return scalingFindings({ pools, decided, tuning, log, deadlineMs, nowMs });
  } finally {
    redis.disconnect();
  }
}
