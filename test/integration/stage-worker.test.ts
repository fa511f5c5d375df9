import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { z } from "zod";
import { Concluded, InFlight } from "../../src/capture/item.ts";
import { type CaptureStates, captureStates } from "../../src/pipeline/capture-states.ts";
import { newBatchId } from "../../src/pipeline/job.ts";
import type { Lifecycle } from "../../src/pipeline/lifecycle.ts";
import { openQueues, type Queues } from "../../src/pipeline/queues.ts";
import type { Outcome, Stage } from "../../src/pipeline/stage.ts";
import { createStageWorker } from "../../src/pipeline/stage-worker.ts";
import { connectRedis } from "../../src/redis/connection.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { patience } from "../patience.ts";
import { type RedisService, startRedis } from "../services.ts";

const log = createLogger({ level: "silent", role: "test" });
let service: RedisService;
let redis: ReturnType<typeof connectRedis>;
let queues: Queues;
let states: CaptureStates;
const workers: Lifecycle[] = [];

beforeAll(async () => {
  service = await startRedis();
  redis = connectRedis(service.url, { role: "queue", log });
  queues = openQueues(redis);
  states = captureStates(redis);
});

beforeEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.stop()));
  await redis.flushall();
});

afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.stop()));
  await queues.close();
  redis.disconnect();
  await service.stop();
});

type Handler = (item: InFlight, signal: AbortSignal) => Promise<Outcome<InFlight>>;

/** A fetch worker whose work is the test's. */
async function startFetch(handle: Handler, options: { drainMs?: number } = {}): Promise<Lifecycle> {
  const stage: Stage<InFlight, InFlight> = {
    name: "fetch",
    input: InFlight,
    run: (items, { signal }) => items.map((item) => handle(item, signal)),
  };
  const worker = createStageWorker(stage, { redisUrl: service.url, log, drainMs: options.drainMs ?? 5_000 });
  workers.push(worker);
  await worker.start();
  return worker;
}

const item = (captureId: string, more: Partial<InFlight> = {}): InFlight => ({
  capture: {
    schemaVersion: 1,
    captureId,
    streamId: "s",
    capturedAt: new Date().toISOString(),
    imageUri: "http://h/i.jpg",
    attributes: {},
  },
  ingressId: "ingress-test",
  deadlineAtMs: Date.now() + 60_000,
  attempt: 0,
  times: { receivedAtMs: Date.now() },
  ...more,
});

const submit = (...items: InFlight[]) => queues.add("fetch", [{ batchId: newBatchId(), items }]);
const done = async (value: InFlight): Promise<Outcome<InFlight>> => ({ kind: "done", value });

/** The captures that lie on a stage's queue, by id. */
async function waitingAt<Item>(
  stage: "fetch" | "preprocess" | "postprocess",
  schema: z.ZodType<Item>,
): Promise<Map<string, Item>> {
  const jobs = await queues.queue(stage).getJobs(["wait", "delayed", "prioritized"]);
  const items = jobs.flatMap((job) => z.array(schema).parse(job.data.items));
  return new Map(
    items.map((each) => [
      z.object({ capture: z.object({ captureId: z.string() }) }).parse(each).capture.captureId,
      each,
    ]),
  );
}

const arrivesAt = (stage: "preprocess" | "postprocess", ...captureIds: string[]) =>
  vi.waitFor(
    async () => {
      const found = await waitingAt(stage, z.any());
      expect([...found.keys()].sort()).toEqual(captureIds.sort());
    },
    { timeout: 10_000, interval: 20 },
  );

test("finished captures of a batch go to the next stage in one job", async () => {
  await startFetch(done);
  await submit(item("a"), item("b"), item("c"));
  await arrivesAt("preprocess", "a", "b", "c");
  expect(await queues.queue("preprocess").getWaitingCount()).toBe(1);
});

test("each capture has its own outcome: done goes on, rejected leaves, retried comes again and then goes on", async () => {
  const starts = new Map<string, number>();
  await startFetch(async (each) => {
    const { captureId } = each.capture;
    starts.set(captureId, (starts.get(captureId) ?? 0) + 1);
    if (captureId === "rejected") return { kind: "reject", verdict: "unprocessable", reason: "not-found" };
    if (captureId === "retried" && each.attempt === 0) return { kind: "retry", reason: "host-error" };
    return { kind: "done", value: each };
  });
  await submit(item("done"), item("rejected"), item("retried"));
  await arrivesAt("preprocess", "done", "retried");
  await arrivesAt("postprocess", "rejected");
  const rejected = (await waitingAt("postprocess", Concluded)).get("rejected");
  expect(rejected?.result).toMatchObject({ kind: "rejected", verdict: "unprocessable", reason: "not-found" });
  expect(Object.fromEntries(starts)).toEqual({ done: 1, rejected: 1, retried: 2 });
});

test("a capture that used up its attempts leaves with its last reason", async () => {
  await startFetch(async () => ({ kind: "retry", reason: "rate-limited", afterMs: 1 }));
  await submit(item("hopeless"));
  await arrivesAt("postprocess", "hopeless");
  const found = (await waitingAt("postprocess", Concluded)).get("hopeless");
  expect(found?.result).toMatchObject({ verdict: "unprocessable", reason: "rate-limited" });
});

test("a free retry spends no attempt", async () => {
  let starts = 0;
  await startFetch(async (each) => {
    starts += 1;
    return starts < 12 ? { kind: "retry", reason: "model-unavailable", free: true } : { kind: "done", value: each };
  });
  await submit(item("patient"));
  await arrivesAt("preprocess", "patient");
  expect(starts).toBe(12);
});

test("an unexpected error of one capture is retried and does not touch its neighbours", async () => {
  let failed = false;
  await startFetch(async (each) => {
    if (each.capture.captureId === "buggy" && !failed) {
      failed = true;
      throw new Error("a bug");
    }
    return { kind: "done", value: each };
  });
  await submit(item("fine"), item("buggy"));
  await arrivesAt("preprocess", "fine", "buggy");
});

test("a capture past its deadline leaves as expired and is never worked on", async () => {
  const seen: string[] = [];
  await startFetch(async (each) => {
    seen.push(each.capture.captureId);
    return { kind: "done", value: each };
  });
  await submit(item("late", { deadlineAtMs: Date.now() - 1 }), item("fresh"));
  await arrivesAt("preprocess", "fresh");
  await arrivesAt("postprocess", "late");
  expect(seen).toEqual(["fresh"]);
  const late = (await waitingAt("postprocess", Concluded)).get("late");
  expect(late?.result).toMatchObject({ verdict: "expired", reason: "deadline-exceeded" });
});

test("a settled capture is skipped", async () => {
  const seen: string[] = [];
  await states.settle([{ captureId: "settled", ingressId: "ingress-test" }]);
  await startFetch(async (each) => {
    seen.push(each.capture.captureId);
    return { kind: "done", value: each };
  });
  await submit(item("settled"), item("open"));
  await arrivesAt("preprocess", "open");
  expect(seen).toEqual(["open"]);
});

test("finished captures do not wait for a straggler of their batch", async () => {
  const slow = Promise.withResolvers<void>();
  await startFetch(async (each) => {
    if (each.capture.captureId === "slow") await slow.promise;
    return { kind: "done", value: each };
  });
  await submit(item("quick"), item("slow"));
  await arrivesAt("preprocess", "quick");
  slow.resolve();
  await arrivesAt("preprocess", "quick", "slow");
});

test("a worker that is stopped finishes what it has begun", async () => {
  const begun = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<void>();
  const worker = await startFetch(async (each) => {
    begun.resolve();
    await finish.promise;
    return { kind: "done", value: each };
  });
  await submit(item("a"));
  await begun.promise;
  const stopped = worker.stop();
  finish.resolve();
  await stopped;
  await arrivesAt("preprocess", "a");
});

test("past the drain limit unfinished captures go back to their queue at once", async () => {
  const begun = Promise.withResolvers<void>();
  const worker = await startFetch(
    (each, signal) => {
      begun.resolve();
      return new Promise((resolve) => {
        signal.addEventListener("abort", () => resolve({ kind: "retry", reason: "worker-stopping", free: true }));
        void each;
      });
    },
    { drainMs: 50 },
  );
  await submit(item("a"));
  await begun.promise;
  await worker.stop();
  expect((await waitingAt("fetch", InFlight)).get("a")?.attempt).toBe(0);
});

test("a job that is no batch fails loudly and its neighbours go on", async () => {
  await startFetch(done);
  await queues.queue("fetch").add("batch", { v: 1, nonsense: true });
  await submit(item("good"));
  await arrivesAt("preprocess", "good");
  await vi.waitFor(async () => expect(await queues.queue("fetch").getFailedCount()).toBe(1), patience);
});

test("a worker with waiting batches that begins none is not live", async () => {
  const { createProgressWatch } = await import("../../src/pipeline/progress-watch.ts");
  let nowMs = 0;
  const watch = createProgressWatch(
    queues.queue("fetch"),
    () => ({ concurrency: 2, paused: false }),
    () => nowMs,
  );
  await submit(item("waiting"));
  nowMs = 29_000;
  expect(await watch.health()).toMatchObject({ live: true });
  nowMs = 31_000;
  expect(await watch.health()).toMatchObject({ live: false });
  watch.started();
  expect(await watch.health()).toMatchObject({ live: true });
});
