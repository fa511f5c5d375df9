/** Workers of two releases at once: payloads of an earlier shape, and jobs that only a newer worker can read. */
import { readFileSync } from "node:fs";
import { Worker } from "bullmq";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { z } from "zod";
import { Concluded, Fetched, InFlight, Preprocessed } from "../../src/capture/item.ts";
import { captureStates } from "../../src/pipeline/capture-states.ts";
import { type AnyItem, jobVersion, newBatchId } from "../../src/pipeline/job.ts";
import type { Lifecycle } from "../../src/pipeline/lifecycle.ts";
import { keyPrefix, openQueues, type Queues } from "../../src/pipeline/queues.ts";
import { createStageWorker } from "../../src/pipeline/stage-worker.ts";
import { type StageName, stageNames, stages } from "../../src/pipeline/stages.ts";
import { connectRedis } from "../../src/redis/connection.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { inFlight } from "../items.ts";
import { patience } from "../patience.ts";
import { type RedisService, startRedis } from "../services.ts";

const log = createLogger({ level: "silent", role: "test" });
let service: RedisService;
let redis: ReturnType<typeof connectRedis>;
let queues: Queues;
const closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  service = await startRedis();
  redis = connectRedis(service.url, { role: "queue", log });
  queues = openQueues(redis);
});
beforeEach(() => redis.flushall());
afterEach(() => Promise.all(closing.splice(0).map((close) => close())));
afterAll(async () => {
  await queues.close();
  redis.disconnect();
  await service.stop();
});

/** A worker of this release; gives what its stage was handed. */
async function startWorker<Item extends AnyItem>(stage: StageName, input: z.ZodType<Item>): Promise<Item[]> {
  const seen: Item[] = [];
  const run = (items: readonly Item[]) =>
    items.map(async (value) => {
      seen.push(value);
      return { kind: "done", value } as const;
    });
  const worker: Lifecycle = createStageWorker(
    { name: stage, input, run },
    { redisUrl: service.url, log, drainMs: 5_000 },
  );
  closing.push(worker.stop);
  await worker.start();
  return seen;
}

/** What a worker of the next release is to the queue: one that takes both versions. Gives the batches that it took. */
async function startNewerWorker(stage: StageName): Promise<string[]> {
  const taken: string[] = [];
  const connection = connectRedis(service.url, { role: "worker", log });
  const worker = new Worker(
    stage,
    async ({ data }) => void taken.push(z.object({ batchId: z.string() }).parse(data).batchId),
    {
      connection,
      prefix: keyPrefix,
      concurrency: stages[stage].concurrency,
    },
  );
  closing.push(async () => {
    await worker.close();
    connection.disconnect();
  });
  await worker.waitUntilReady();
  return taken;
}

/** The next release's payload: what an item holds has changed, but for its capture's id. */
async function addNewer(stage: StageName, captureId: string): Promise<string> {
  const batchId = newBatchId();
  const data = { v: jobVersion + 1, batchId, items: [{ capture: { captureId }, pictures: ["f:1", "f:2"] }] };
  await queues.queue(stage).add("1 capture", data, { jobId: batchId, attempts: 5, removeOnComplete: true });
  return batchId;
}

const fresh = (captureId: string) => inFlight(captureId, { deadlineAtMs: Date.now() + 600_000 });
const counts = (stage: StageName) =>
  queues.queue(stage).getJobCounts("wait", "active", "delayed", "failed", "completed");
const Payloads = z.record(
  z.enum(stageNames),
  z.looseObject({ items: z.array(z.looseObject({ deadlineAtMs: z.number() })) }),
);

const schemas = { fetch: InFlight, preprocess: Fetched, infer: Preprocessed, postprocess: Concluded } as const;

test.each(["before-thumbnails", "with-thumbnails"])(
  "workers of today run the jobs of the release %s",
  async (release) => {
    const path = new URL(`./job-payloads/${release}.json`, import.meta.url);
    const payloads = Payloads.parse(JSON.parse(readFileSync(path, "utf8")));
    for (const stage of stageNames) {
      await redis.flushall(); // What the stage before has handed on.
      const payload = payloads[stage];
      for (const item of payload.items) item.deadlineAtMs = Date.now() + 600_000; // That of the recording is long past.
      await queues.queue(stage).add("2 captures", payload, { jobId: newBatchId() });
      const seen = await startWorker<AnyItem>(stage, schemas[stage]);
      const captureIds = () => seen.map(({ capture }) => capture.captureId).sort();
      await vi.waitFor(() => expect(captureIds(), stage).toEqual(["recorded-0", "recorded-1"]), patience);
      expect(seen, `${stage} was given all that the job held`).toMatchObject(payload.items);
      await vi.waitFor(async () => expect(await counts(stage)).toMatchObject({ active: 0, failed: 0 }), patience);
      await Promise.all(closing.splice(0).map((close) => close()));
    }
  },
);

test("a job of a newer release is left to a newer worker, once each, while its neighbours go on", async () => {
  const seen = await startWorker("fetch", InFlight);
  const newer = await Promise.all(Array.from({ length: 8 }, (_, index) => addNewer("fetch", `newer-${index}`)));
  await queues.add("fetch", [{ batchId: newBatchId(), items: [fresh("mine")] }]);
  await vi.waitFor(() => expect(seen.map(({ capture }) => capture.captureId)).toEqual(["mine"]), patience);
  await vi.waitFor(async () => expect(await counts("fetch")).toMatchObject({ delayed: 8, failed: 0 }), patience);

  const taken = await startNewerWorker("fetch");
  await vi.waitFor(() => expect(taken.toSorted()).toEqual(newer.toSorted()), patience);
  await vi.waitFor(
    async () => expect(await counts("fetch")).toEqual({ wait: 0, active: 0, delayed: 0, failed: 0, completed: 0 }),
    patience,
  );
  expect(seen).toHaveLength(1);
});

test("met again and again it spends no attempt, and each time comes back later", async () => {
  const batchId = await addNewer("fetch", "patient");
  await startWorker("fetch", InFlight);
  const job = () => queues.queue("fetch").getJob(batchId);
  await vi.waitFor(async () => expect((await job())?.attemptsStarted).toBeGreaterThan(6), patience);
  await vi.waitFor(async () => expect((await job())?.delay).toBeGreaterThanOrEqual(500), patience);
  expect((await job())?.attemptsMade).toBe(0);
});

test("it is done with when the captures in it have their verdicts by another way", async () => {
  const batchId = await addNewer("fetch", "settled");
  await startWorker("fetch", InFlight);
  await vi.waitFor(async () => expect(await counts("fetch")).toMatchObject({ delayed: 1 }), patience);
  await captureStates(redis).settle([{ captureId: "settled", ingressId: "ingress-1" }]);
  await vi.waitFor(async () => expect(await queues.queue("fetch").getJob(batchId)).toBeUndefined(), patience);
});

test("one that nobody took for a quarter of an hour fails, and says what to start", async () => {
  const batchId = newBatchId();
  const data = { v: jobVersion + 1, batchId, items: "of another shape altogether" };
  await queues.queue("fetch").add("1 capture", data, { jobId: batchId, timestamp: Date.now() - 1_000_000 });
  await startWorker("fetch", InFlight);
  await vi.waitFor(async () => expect(await counts("fetch")).toMatchObject({ failed: 1, delayed: 0 }), patience);
  const { failedReason } = (await queues.queue("fetch").getJob(batchId)) ?? {};
  expect(failedReason).toMatch(/of version 2, this worker knows 1.*start workers of the newer release/);
});

test("a suspect of a newer release is left to a newer worker too", async () => {
  const queue = queues.queue("fetch", { suspects: true });
  await queue.add("1 capture", { v: jobVersion + 1, batchId: "s", items: [{ capture: { captureId: "s" } }] });
  await startWorker("fetch", InFlight);
  await vi.waitFor(async () => expect(await queue.getDelayedCount()).toBe(1), patience);
  expect(await queue.getFailedCount()).toBe(0);
});
