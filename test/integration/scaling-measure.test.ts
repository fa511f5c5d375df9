import type { Job } from "bullmq";
import { Worker } from "bullmq";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { newBatchId } from "../../src/pipeline/job.ts";
import { readPools, reportFigures, reportHeld } from "../../src/pipeline/pool-figures.ts";
import { keyPrefix, openQueues, type Queues } from "../../src/pipeline/queues.ts";
import type { StageFigures } from "../../src/pipeline/stage-meter.ts";
import type { StageName } from "../../src/pipeline/stages.ts";
import { connectRedis } from "../../src/redis/connection.ts";
import { createMeasure } from "../../src/scaling/measure.ts";
import type { PoolLoad } from "../../src/scaling/rule.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { inFlight } from "../items.ts";
import { patience } from "../patience.ts";
import { type RedisService, startRedis } from "../services.ts";

const log = createLogger({ level: "silent", role: "test" });
let service: RedisService;
let redis: ReturnType<typeof connectRedis>;
let queues: Queues;

beforeAll(async () => {
  service = await startRedis();
  redis = connectRedis(service.url, { role: "queue", log });
  queues = openQueues(redis);
});
beforeEach(() => redis.flushall());
afterAll(async () => {
  await queues.close();
  redis.disconnect();
  await service.stop();
});

const batch = (captures: number, delayMs?: number) => {
  const batchId = newBatchId();
  return { batchId, items: Array.from({ length: captures }, (_, index) => inFlight(`${batchId}-${index}`)), delayMs };
};
const put = (sizes: readonly number[], stage: StageName = "fetch") =>
  queues.add(
    stage,
    sizes.map((size) => batch(size)),
  );
async function measured(nowMs = Date.now(), stage: StageName = "fetch"): Promise<PoolLoad> {
  const pools = await createMeasure(redis)(nowMs);
  const pool = pools.find((each) => each.stage === stage);
  if (!pool) throw new Error(`${stage} was not measured`);
  return pool.load;
}
const figures = (facts: Partial<StageFigures>): StageFigures => ({
  done: 0,
  retried: 0,
  rejected: 0,
  active: 0,
  concurrency: 8,
  defaultConcurrency: 8,
  tuningVersion: 0,
  batches: 0,
  serviceMsPerCapture: 0,
  capturesPerBatch: 0,
  p50Ms: 0,
  p95Ms: 0,
  atMs: Date.now(),
  ...facts,
});

test("nothing on empty queues", async () => {
  expect(await measured()).toMatchObject({ waiting: 0, active: 0, later: 0, heldBack: 0, oldestAgeMs: 0, alive: 0 });
});

test("captures are counted, not jobs: exactly, up to 64 jobs", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 32 }), { maxLength: 64 }), async (sizes) => {
      await redis.flushall();
      await put(sizes);
      expect((await measured()).waiting).toBe(sizes.reduce((sum, size) => sum + size, 0));
    }),
    { numRuns: 10 },
  );
});

test("of a long queue a sample from end to end stands for all", async () => {
  await put([...Array(600).fill(1), ...Array(600).fill(31)]);
  const { waiting } = await measured();
  expect(waiting).toBeGreaterThan(1_200 * 16 * 0.85);
  expect(waiting).toBeLessThan(1_200 * 16 * 1.15);
});

test("each pool is measured by its own queue", async () => {
  await put([3], "preprocess");
  await put([4, 5], "postprocess");
  expect((await measured(undefined, "fetch")).waiting).toBe(0);
  expect((await measured(undefined, "preprocess")).waiting).toBe(3);
  expect((await measured(undefined, "postprocess")).waiting).toBe(9);
});

test("prioritised jobs and suspects wait too", async () => {
  await queues.queue("fetch").add("6 captures", {}, { priority: 5 });
  await queues.add("fetch", [batch(1), batch(1)], { suspects: true });
  expect((await measured()).waiting).toBe(8);
});

test("a delayed capture is work when it is due, and before that a reason for a worker", async () => {
  const nowMs = Date.now();
  await queues.add("fetch", [batch(4, 60_000), batch(5, 120_000)]);
  expect(await measured(nowMs)).toMatchObject({ waiting: 0, later: 9, oldestAgeMs: 0 });
  const load = await measured(nowMs + 90_000);
  expect(load).toMatchObject({ waiting: 4, later: 5 });
  expect(load.oldestAgeMs).toBeGreaterThan(29_000);
  expect(load.oldestAgeMs).toBeLessThan(31_000);
});

test("the age is that of the oldest waiting, counted from when it could be taken", async () => {
  const nowMs = Date.now();
  await put([1]);
  await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(nowMs + 1), patience);
  await put([1]);
  const { oldestAgeMs } = await measured(nowMs + 10_000);
  expect(oldestAgeMs).toBeGreaterThan(9_000);
  expect(oldestAgeMs).toBeLessThanOrEqual(10_000);
  await queues.queue("fetch").add("1 capture", {}, { priority: 5, timestamp: nowMs - 20_000 });
  expect((await measured(nowMs + 10_000)).oldestAgeMs).toBe(30_000);
});

test("what a worker holds is active, also when that worker is gone and nobody has rescued it yet", async () => {
  await put([7]);
  const taken = Promise.withResolvers<Job>();
  const process = async (job: Job) => {
    taken.resolve(job);
    await new Promise(() => undefined);
  };
  const connection = connectRedis(service.url, { role: "worker", log });
  const worker = new Worker("fetch", process, { connection, prefix: keyPrefix });
  worker.on("error", () => undefined);
  await taken.promise;
  expect(await measured()).toMatchObject({ waiting: 0, active: 7 });
  connection.disconnect();
  expect(await measured()).toMatchObject({ waiting: 0, active: 7, oldestAgeMs: 0 });
  await worker.close(true);
});

test("a paused queue is seen to be paused, with what waits on it", async () => {
  await put([2, 3]);
  await queues.queue("fetch").pause();
  expect(await measured()).toMatchObject({ waiting: 5, paused: true });
  await queues.queue("fetch").resume();
  expect(await measured()).toMatchObject({ waiting: 5, paused: false });
});

test("arrivals are captures a second, whether they still wait or were taken", async () => {
  const measure = createMeasure(redis);
  const nowMs = Date.now();
  await put([10]);
  const rate = async (atMs: number) => (await measure(atMs))[0]?.load.arrivalsPerSecond;
  expect(await rate(nowMs)).toBe(0);
  await put([10, 10, 10, 10]);
  expect(await rate(nowMs + 500)).toBe(80);
  expect(await rate(nowMs + 1_000)).toBe(40);
  expect(await rate(nowMs + 1_600)).toBe(0);
});

test("a Redis that lost its data makes no arrivals", async () => {
  const measure = createMeasure(redis);
  const nowMs = Date.now();
  await put(Array(20).fill(10));
  await measure(nowMs);
  await redis.flushall();
  await put([10]);
  expect((await measure(nowMs + 1_000))[0]?.load).toMatchObject({ waiting: 10, arrivalsPerSecond: 0 });
});

test("workers tell their number, slots and service time; one that has just begun counts less", async () => {
  const quick = figures({ batches: 500, serviceMsPerCapture: 10, concurrency: 8 });
  const fresh = figures({ batches: 1, serviceMsPerCapture: 220, concurrency: 4 });
  const gone = figures({ batches: 500, serviceMsPerCapture: 900, atMs: Date.now() - 6_000 });
  const [stop] = [quick, fresh, gone].map((each, index) => reportFigures(redis, "fetch", `p${index}`, () => each));
  await vi.waitFor(
    async () => expect(await measured()).toMatchObject({ alive: 2, concurrency: 6, serviceMs: 20 }),
    patience,
  );
  await stop?.();
  await vi.waitFor(async () => expect(await measured()).toMatchObject({ alive: 1, serviceMs: 220 }), patience);
});

test("a pool without workers is measured by the last one that has worked", async () => {
  expect((await measured()).serviceMs).toBe(10);
  const stop = reportFigures(redis, "fetch", "p", () => figures({ batches: 50, serviceMsPerCapture: 33 }));
  await vi.waitFor(async () => expect(await measured()).toMatchObject({ alive: 1, serviceMs: 33 }), patience);
  await stop();
  expect(await measured()).toMatchObject({ alive: 0, serviceMs: 33, concurrency: 8 });
});

test("jobs of an older version, whose names say nothing, count as many captures as batches held of late", async () => {
  const stop = reportFigures(redis, "fetch", "p", () => figures({ batches: 50, capturesPerBatch: 12 }));
  await queues.queue("fetch").add("batch", {});
  await queues.queue("fetch").add("batch", {});
  await vi.waitFor(async () => expect((await measured()).waiting).toBe(24), patience);
  await stop();
});

test("a full ingress keeps captures back, and so fetch's queue counts twice", async () => {
  await put([10]);
  let held = 3_599;
  const stop = reportHeld(redis, "i", () => ({ held, maxHeld: 4_000, atMs: Date.now() }));
  expect((await measured()).heldBack).toBe(0);
  held = 3_600;
  await vi.waitFor(async () => expect((await measured()).heldBack).toBe(10), 5_000);
  expect((await measured(undefined, "infer")).heldBack).toBe(0);
  await stop();
});

test("without Redis there is an error, not noughts", async () => {
  const lost = connectRedis(service.url, { role: "client", log });
  await lost.ping();
  lost.disconnect();
  await expect(readPools(lost, Date.now())).rejects.toThrow();
});
