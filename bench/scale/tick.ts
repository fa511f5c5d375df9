import { randomUUID } from "node:crypto";
import { openQueues } from "../../src/pipeline/queues.ts";
import { connectRedis } from "../../src/redis/connection.ts";
import { createMeasure } from "../../src/scaling/measure.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { startRedis } from "../../test/services.ts";

export interface TickResult {
  captures: number;
  capturesPerBatch: number;
  /** What was measured, beside `captures` that were there. */
  measured: number;
  /** Redis's own time for one measurement of all pools. */
  redisMs: number;
  ticks: number;
}

const ticks = 200;
const chunk = 500;

/** What one measurement of all pools costs Redis while so many captures wait. */
export async function benchTick(options: { captures: number; capturesPerBatch: number }): Promise<TickResult> {
  const { captures, capturesPerBatch } = options;
  await using service = await startRedis({ native: true });
  const redis = connectRedis(service.url, { role: "queue", log: createLogger({ level: "silent", role: "bench" }) });
  const queues = openQueues(redis);
  const items = Array.from({ length: capturesPerBatch }, (_, index) => ({
    capture: { captureId: String(index) },
    ingressId: "bench",
    deadlineAtMs: Date.now() + 3_600_000,
    attempt: 0,
    times: { receivedAtMs: Date.now() },
  }));
  const batches = Math.ceil(captures / capturesPerBatch);
  for (let added = 0; added < batches; added += chunk) {
    const count = Math.min(chunk, batches - added);
    await queues.add(
      "fetch",
      Array.from({ length: count }, () => ({ batchId: `b-${randomUUID()}`, items })),
    );
  }
  const measure = createMeasure(redis);
  const [first] = await measure(Date.now()); // The script is compiled.
  await redis.config("RESETSTAT");
  for (let tick = 0; tick < ticks; tick++) await measure(Date.now());
  const perCallUs = /cmdstat_eval:.*usec_per_call=([\d.]+)/.exec(await redis.info("commandstats"))?.[1];
  await queues.close();
  redis.disconnect();
  const measured = Math.round(first?.load.waiting ?? 0);
  return { captures, capturesPerBatch, measured, redisMs: Number(perCallUs) / 1000, ticks };
}
