import { fork } from "node:child_process";
import { once } from "node:events";
import { z } from "zod";
import { settlementChannel } from "../../src/pipeline/capture-states.ts";
import { newBatchId } from "../../src/pipeline/job.ts";
import { openQueues } from "../../src/pipeline/queues.ts";
import { connectRedis } from "../../src/redis/connection.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { startRedis } from "../../test/services.ts";

export interface TransportResult {
  batchSize: number;
  capturesPerSecond: number;
  workerCpuMsPerCapture: number;
  redisCpuMsPerCapture: number;
  peakMiB: number;
}

const ingressId = "bench";

const Figures = z.object({ cpuMs: z.number(), peakMiB: z.number() });

/** Captures per second through four no-op stages, all in each of the worker processes, on a Redis of its own. */
export async function benchTransport(batchSize: number, captures: number, processes: number): Promise<TransportResult> {
  await using redisService = await startRedis({ native: true });
  const log = createLogger({ level: "error", role: "bench" });
  const redis = connectRedis(redisService.url, { role: "client", log });
  const subscriber = connectRedis(redisService.url, { role: "client", log });
  const queues = openQueues(redis);
  let settled = 0;
  const finished = Promise.withResolvers<void>();
  subscriber.on("message", (_channel, text) => {
    settled += JSON.parse(text).length;
    if (settled >= captures) finished.resolve();
  });
  await subscriber.subscribe(settlementChannel(ingressId));
  // The jobs lie ready before the workers start, so that the feeder's own cost is not measured.
  await queues.add("fetch", [...batches(captures, batchSize)]);

  const redisCpuBefore = await cpuMsOfRedis(redis);
  const env = { ...process.env, REDIS_URL: redisService.url };
  const workers = Array.from({ length: processes }, () => fork(new URL("worker.ts", import.meta.url), { env }));
  await Promise.all(workers.map((worker) => once(worker, "message")));
  const readyAtMs = performance.now();
  const settledBefore = settled;
  await finished.promise;
  const seconds = (performance.now() - readyAtMs) / 1000;
  const redisCpuMs = (await cpuMsOfRedis(redis)) - redisCpuBefore;
  for (const worker of workers) worker.send("figures");
  const figures = await Promise.all(workers.map(async (worker) => Figures.parse((await once(worker, "message"))[0])));
  for (const worker of workers) worker.kill("SIGKILL");
  await queues.close();
  redis.disconnect();
  subscriber.disconnect();
  return {
    batchSize,
    capturesPerSecond: (captures - settledBefore) / seconds,
    workerCpuMsPerCapture: figures.reduce((sum, { cpuMs }) => sum + cpuMs, 0) / captures,
    redisCpuMsPerCapture: redisCpuMs / captures,
    peakMiB: Math.max(...figures.map(({ peakMiB }) => peakMiB)),
  };
}

async function cpuMsOfRedis(redis: ReturnType<typeof connectRedis>): Promise<number> {
  const info = await redis.info("cpu");
  const seconds = (name: string) => Number(new RegExp(`${name}:([\\d.]+)`).exec(info)?.[1] ?? 0);
  return 1000 * (seconds("used_cpu_user") + seconds("used_cpu_sys"));
}

function* batches(captures: number, size: number) {
  const now = Date.now();
  for (let start = 0; start < captures; start += size) {
    const items = Array.from({ length: Math.min(size, captures - start) }, (_, index) => ({
      capture: {
        schemaVersion: 1 as const,
        captureId: `capture-${start + index}`,
        streamId: `stream-${index}`,
        capturedAt: new Date(now).toISOString(),
        imageUri: `http://127.0.0.1/pictures/${start + index}.jpg`,
        attributes: { viewers: "120" },
      },
      ingressId,
      deadlineAtMs: now + 600_000,
      attempt: 0,
      times: { receivedAtMs: now },
    }));
    yield { batchId: newBatchId(), items };
  }
}
