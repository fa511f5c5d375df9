import { newBatchId } from "../../src/pipeline/job.ts";
import { openQueues, type Queues } from "../../src/pipeline/queues.ts";
import { type StageName, stageNames, stages } from "../../src/pipeline/stages.ts";
import { connectRedis } from "../../src/redis/connection.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { startRedis } from "../../test/services.ts";
import { until } from "../../test/system.ts";
import { servePictures } from "../picture-host.ts";
import { processFigures } from "../process-figures.ts";
import { type Program, startProgram } from "./program.ts";
import { type Surroundings, startSurroundings } from "./surroundings.ts";

export interface StageResult {
  stage: StageName;
  capturesPerSecond: number;
  /** Of the worker, without its start. */
  cpuMsPerCapture: number;
  peakMiB: number;
  /** Of the model server meanwhile: for infer what scoring costs there, for the others next to nothing. */
  modelServerCpuMsPerCapture: number;
}

const batchSize = 16;

/**
 * One worker process of each stage by itself: each works off what the one before has made. The model server is a
 * process of its own.
 * @param options.checkout folder of the sources that the workers and the model server run
 */
export async function benchStages(options: {
  captures: number;
  repository: string;
  checkout: string;
}): Promise<StageResult[]> {
  await using redisService = await startRedis({ native: true });
  await using surroundings = await startSurroundings({ ...options, redisUrl: redisService.url });
  const pictures = await servePictures();
  const redis = connectRedis(redisService.url, {
    role: "client",
    log: createLogger({ level: "error", role: "bench" }),
  });
  const queues = openQueues(redis);
  try {
    await submit(queues, options.captures, pictures.address);
    const results: StageResult[] = [];
    for (const stage of stageNames) results.push(await measure(stage, queues, surroundings, options));
    return results;
  } finally {
    await queues.close();
    redis.disconnect();
    pictures.close();
  }
}

async function measure(
  stage: StageName,
  queues: Queues,
  { environment, modelServer }: Surroundings,
  { captures, checkout }: { captures: number; checkout: string },
): Promise<StageResult> {
  await using worker = await startProgram(checkout, ["worker", stage], environment);
  const startedAtMs = performance.now();
  const before = [worker, modelServer].map(cpuMsOf);
  await until(
    () => isDone(queues, stage, captures),
    300_000,
    () => `${stage} did not finish`,
  );
  const seconds = (performance.now() - startedAtMs) / 1000;
  const [ownMs = 0, modelServerMs = 0] = [worker, modelServer].map(
    (each, index) => cpuMsOf(each) - (before[index] ?? 0),
  );
  return {
    stage,
    capturesPerSecond: captures / seconds,
    cpuMsPerCapture: ownMs / captures,
    peakMiB: processFigures(worker.pid).peakMiB,
    modelServerCpuMsPerCapture: modelServerMs / captures,
  };
}

function cpuMsOf({ pid }: Program): number {
  return processFigures(pid).cpuMs;
}

/** Nothing is left, and what the next stage gets is whole: a stage that rejected captures would look fast. */
async function isDone(queues: Queues, stage: StageName, captures: number): Promise<boolean> {
  if ((await batchesIn(queues, stage)) > 0) return false;
  const { next } = stages[stage];
  const expected = Math.ceil(captures / batchSize);
  if (next && (await batchesIn(queues, next)) !== expected)
    throw new Error(`${stage} handed on ${await batchesIn(queues, next)} of ${expected} batches`);
  return true;
}

async function batchesIn(queues: Queues, stage: StageName): Promise<number> {
  const counts = await queues.queue(stage).getJobCounts("wait", "active", "delayed");
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

async function submit(queues: Queues, captures: number, address: string): Promise<void> {
  const now = Date.now();
  const items = Array.from({ length: captures }, (_, index) => ({
    capture: {
      schemaVersion: 1 as const,
      captureId: `capture-${index}`,
      streamId: `stream-${index % 16}`,
      capturedAt: new Date(now).toISOString(),
      imageUri: `http://${address}/${index}.jpg`,
      attributes: {},
    },
    ingressId: "bench",
    deadlineAtMs: now + 3_600_000,
    attempt: 0,
    times: { receivedAtMs: now },
  }));
  const batches = Array.from({ length: Math.ceil(captures / batchSize) }, (_, index) => ({
    batchId: newBatchId(),
    items: items.slice(index * batchSize, (index + 1) * batchSize),
  }));
  await queues.add("fetch", batches);
}
