/** Running workers under the tuning: they take it while batches run, and lose nothing. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { z } from "zod";
import { InFlight } from "../../src/capture/item.ts";
import { newBatchId } from "../../src/pipeline/job.ts";
import type { Lifecycle } from "../../src/pipeline/lifecycle.ts";
import { readPools } from "../../src/pipeline/pool-figures.ts";
import { openQueues, type Queues } from "../../src/pipeline/queues.ts";
import type { Outcome } from "../../src/pipeline/stage.ts";
import { createStageWorker } from "../../src/pipeline/stage-worker.ts";
import type { StageName } from "../../src/pipeline/stages.ts";
import type { TuningChange } from "../../src/pipeline/tuning/merge-change.ts";
import { tuningStore } from "../../src/pipeline/tuning/tuning-store.ts";
import { connectRedis } from "../../src/redis/connection.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { inFlight } from "../items.ts";
import { patience } from "../patience.ts";
import { type RedisService, startRedis } from "../services.ts";

const log = createLogger({ level: "silent", role: "test" });
let service: RedisService;
let redis: ReturnType<typeof connectRedis>;
let queues: Queues;
const workers: Lifecycle[] = [];

beforeAll(async () => {
  service = await startRedis();
  redis = connectRedis(service.url, { role: "queue", log });
  queues = openQueues(redis);
});
beforeEach(() => redis.flushall());
afterEach(() => Promise.all(workers.splice(0).map((worker) => worker.stop())));
afterAll(async () => {
  await queues.close();
  redis.disconnect();
  await service.stop();
});

/** A fetch worker with work that lasts until it is let go. */
async function startHeldWorker(concurrency: number) {
  let release = Promise.withResolvers<void>();
  const seen = { active: 0, most: 0, started: [] as string[] };
  const worker = createStageWorker(
    {
      name: "fetch",
      input: InFlight,
      run: (items) =>
        items.map(async (value): Promise<Outcome<InFlight>> => {
          seen.started.push(value.capture.captureId);
          seen.most = Math.max(seen.most, ++seen.active);
          await release.promise;
          seen.active -= 1;
          return { kind: "done", value };
        }),
    },
    { redisUrl: service.url, log, concurrency, drainMs: 5_000 },
  );
  workers.push(worker);
  await worker.start();
  const letGo = () => {
    release.resolve();
    release = Promise.withResolvers<void>();
  };
  return { worker, seen, letGo, letAllGo: () => release.resolve() };
}

const ids = (prefix: string, count: number) => Array.from({ length: count }, (_, index) => `${prefix}${index}`);
const fresh = (captureId: string) => inFlight(captureId, { deadlineAtMs: Date.now() + 600_000 });
const submitEach = (captureIds: readonly string[], options?: { suspects: boolean }) =>
  queues.add(
    "fetch",
    captureIds.map((captureId) => ({ batchId: newBatchId(), items: [fresh(captureId)] })),
    options,
  );
async function tune(stages: TuningChange) {
  const store = tuningStore(redis);
  const { version } = await store.read();
  await store.change({ expectedVersion: version, stages, who: "ada", why: "test" });
}
async function pool(stage: StageName) {
  const found = (await readPools(redis, Date.now())).find((each) => each.stage === stage);
  if (!found) throw new Error(`there is no pool ${stage}`);
  return found;
}
const worksWith = (version: number) =>
  vi.waitFor(
    async () => expect((await pool("fetch")).processes.map((p) => p.tuningVersion)).toEqual([version]),
    patience,
  );
/** Captures of each job on a queue, by id. */
async function jobsAt(stage: StageName): Promise<string[][]> {
  const Items = z.array(z.object({ capture: z.object({ captureId: z.string() }) }));
  const jobs = await queues.queue(stage).getJobs(["wait", "delayed", "prioritized", "active"]);
  return jobs.map((job) => Items.parse(job.data.items).map(({ capture }) => capture.captureId));
}
const arrive = (captureIds: readonly string[]) =>
  vi.waitFor(async () => {
    expect((await jobsAt("preprocess")).flat().toSorted()).toEqual([...captureIds].toSorted());
  }, patience);

test("more slots are used while the first batches still run, and fewer once enough of them have ended", async () => {
  const { seen, letGo, letAllGo } = await startHeldWorker(2);
  await submitEach(ids("c", 24));
  await vi.waitFor(() => expect(seen.active).toBe(2), patience);
  await tune({ fetch: { concurrency: 9 } });
  await vi.waitFor(() => expect(seen.active).toBe(9), patience);
  expect((await pool("fetch")).processes).toMatchObject([{ defaultConcurrency: 2 }]);

  await tune({ fetch: { concurrency: 1 } });
  await worksWith(2);
  letGo();
  await vi.waitFor(() => expect(seen.started.length).toBe(10), patience);
  await worksWith(2);
  expect(seen.active).toBe(1);
  letAllGo();
  await arrive(ids("c", 24));
  expect(seen.started.toSorted()).toEqual(ids("c", 24).toSorted());
  expect(seen.most).toBe(9);
});

test("a field that is at its default again is as the deployment has it", async () => {
  const { seen, letAllGo } = await startHeldWorker(3);
  await tune({ fetch: { concurrency: 1 } });
  await worksWith(1);
  await tune({ fetch: { concurrency: null } });
  await worksWith(2);
  await submitEach(ids("c", 5));
  await vi.waitFor(() => expect(seen.active).toBe(3), patience);
  letAllGo();
  await arrive(ids("c", 5));
});

test("a paused pool finishes what it has, begins nothing, and goes on when it is resumed", async () => {
  const { worker, seen, letGo, letAllGo } = await startHeldWorker(2);
  await submitEach(ids("first", 2));
  await vi.waitFor(() => expect(seen.active).toBe(2), patience);
  await tune({ fetch: { paused: true } });
  await worksWith(1);
  await submitEach(ids("later", 6));
  await submitEach(["suspect"], { suspects: true });
  letGo();
  await arrive(ids("first", 2));
  // A worker that waited for a suspect when it was paused takes it and puts it back.
  await expect
    .poll(() => pool("fetch"))
    .toMatchObject({ paused: true, waitingBatches: 6, suspects: 1, activeBatches: 0 });
  expect(await worker.health()).toMatchObject({ live: true, detail: "0 active, paused" });
  expect(await queues.queue("fetch").isPaused()).toBe(false);
  expect(seen.started).toHaveLength(2);

  await tune({ fetch: { paused: false } });
  await vi.waitFor(() => expect(seen.active).toBeGreaterThan(0), patience);
  letAllGo();
  await arrive([...ids("first", 2), ...ids("later", 6), "suspect"]);
  expect(seen.started.toSorted()).toEqual([...ids("first", 2), ...ids("later", 6), "suspect"].toSorted());
  expect((await pool("fetch")).paused).toBe(false);
});

test("a pool can be resumed before what it had has ended", async () => {
  const { seen, letAllGo } = await startHeldWorker(2);
  await submitEach(ids("held", 1));
  await vi.waitFor(() => expect(seen.active).toBe(1), patience);
  await tune({ fetch: { paused: true } });
  await worksWith(1);
  await submitEach(ids("more", 3));
  await tune({ fetch: { paused: false } });
  await vi.waitFor(() => expect(seen.active).toBe(2), patience);
  letAllGo();
  await arrive([...ids("held", 1), ...ids("more", 3)]);
});

test("of an idle pool that is paused no worker takes even one more batch", async () => {
  const idle = await Promise.all(Array.from({ length: 3 }, () => startHeldWorker(2)));
  await vi.waitFor(async () => expect((await pool("fetch")).processes).toHaveLength(3), patience);
  await tune({ fetch: { paused: true } });
  await vi.waitFor(async () => {
    expect((await pool("fetch")).processes.map((each) => each.tuningVersion)).toEqual([1, 1, 1]);
  }, patience);
  await submitEach(ids("c", 12));
  // Those that waited for a batch when they were paused have taken one, put it back, and wait no more.
  await vi.waitFor(async () => {
    expect((await Promise.all(idle.map(({ worker }) => worker.health()))).map(({ live }) => live)).toEqual([
      true,
      true,
      true,
    ]);
    expect(await pool("fetch")).toMatchObject({ waitingBatches: 12, activeBatches: 0 });
  }, patience);
  expect(idle.flatMap(({ seen }) => seen.started)).toEqual([]);
  await tune({ fetch: { paused: null } });
  for (const { letAllGo } of idle) letAllGo();
  await arrive(ids("c", 12));
  expect(idle.flatMap(({ seen }) => seen.started).toSorted()).toEqual(ids("c", 12).toSorted());
});

test("a worker that starts while its pool is paused takes nothing until it is resumed", async () => {
  await submitEach(ids("c", 4));
  await submitEach(["suspect"], { suspects: true });
  await tune({ fetch: { paused: true, concurrency: 3 } });
  const { seen, letAllGo } = await startHeldWorker(2);
  await worksWith(1);
  expect(await pool("fetch")).toMatchObject({ waitingBatches: 4, suspects: 1, activeBatches: 0 });
  expect(seen.started).toEqual([]);
  letAllGo();
  await tune({ fetch: { paused: null } });
  await arrive([...ids("c", 4), "suspect"]);
});

test("a paused worker stops as quickly as one that has nothing to do, and one that is stopped stays stopped", async () => {
  const { worker, seen, letAllGo } = await startHeldWorker(2);
  await tune({ fetch: { paused: true } });
  await worksWith(1);
  await worker.stop();
  await tune({ fetch: { paused: null } });
  await submitEach(["c"]);
  const next = await startHeldWorker(1);
  await vi.waitFor(() => expect(next.seen.started).toEqual(["c"]), patience);
  expect(seen.started).toEqual([]);
  letAllGo();
  next.letAllGo();
});

test("a batch is cut to what the next stage may have per job, in order, and nothing is lost or doubled", async () => {
  const { letAllGo } = await startHeldWorker(2);
  await tune({ preprocess: { batch: 4 } });
  await worksWith(1);
  letAllGo();
  await queues.add("fetch", [{ batchId: newBatchId(), items: ids("c", 10).map(fresh) }]);
  await arrive(ids("c", 10));
  const jobs = (await jobsAt("preprocess")).toSorted((a, b) => String(a[0]).localeCompare(String(b[0])));
  expect(jobs).toEqual([
    ["c0", "c1", "c2", "c3"],
    ["c4", "c5", "c6", "c7"],
    ["c8", "c9"],
  ]);
  expect((await pool("preprocess")).captures.waiting).toBe(10);
});

test("without Redis a worker keeps what it knows, and is told what changed when it is back", async () => {
  const { seen, letAllGo } = await startHeldWorker(1);
  await tune({ fetch: { concurrency: 4 } });
  await worksWith(1);
  await service.kill();
  await service.restart();
  await worksWith(1);
  await submitEach(ids("c", 6));
  await vi.waitFor(() => expect(seen.active).toBe(4), patience);
  await tune({ fetch: { concurrency: 5 } });
  await vi.waitFor(() => expect(seen.active).toBe(5), patience);
  letAllGo();
  await arrive(ids("c", 6));
});
