/** What `briareus doctor` says of scaler, pools and tuning, on a real Redis with real workers and queues. */
import type { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { InFlight } from "../../src/capture/item.ts";
import type { Diagnosis } from "../../src/cli/diagnose.ts";
import { diagnoseScaling } from "../../src/cli/diagnose-scaling.ts";
import { newBatchId } from "../../src/pipeline/job.ts";
import type { Lifecycle } from "../../src/pipeline/lifecycle.ts";
import { readPools, reportFigures } from "../../src/pipeline/pool-figures.ts";
import { openQueues, type Queues } from "../../src/pipeline/queues.ts";
import type { Outcome } from "../../src/pipeline/stage.ts";
import { createStageMeter } from "../../src/pipeline/stage-meter.ts";
import { createStageWorker } from "../../src/pipeline/stage-worker.ts";
import { type StageName, stageNames } from "../../src/pipeline/stages.ts";
import { tuningKey, tuningStore } from "../../src/pipeline/tuning/tuning-store.ts";
import { connectRedis } from "../../src/redis/connection.ts";
import { type DecidedPool, decisionRecords } from "../../src/scaling/decision-record.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { runCommand } from "../command.ts";
import { inFlight } from "../items.ts";
import { idle, limits } from "../scaling.ts";
import { type RedisService, startRedis } from "../services.ts";

const log = createLogger({ level: "silent", role: "test" });
const deadlineMs = 60_000;
let service: RedisService;
let redis: Redis;
let queues: Queues;
const workers: Lifecycle[] = [];
const cleanups: (() => unknown)[] = [];

beforeAll(async () => {
  service = await startRedis();
  redis = connectRedis(service.url, { role: "queue", log });
  queues = openQueues(redis);
});
beforeEach(() => redis.flushall());
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.stop()));
  for (const cleanUp of cleanups.splice(0)) await cleanUp();
});
afterAll(async () => {
  await queues.close();
  redis.disconnect();
  await service.stop();
});

async function finding(what: string): Promise<Diagnosis | undefined> {
  return (await diagnoseScaling(service.url, deadlineMs)).find((each) => each.what === what);
}

async function startWorker() {
  const worker = createStageWorker(
    {
      name: "infer",
      input: InFlight,
      run: (items) => items.map(async (value): Promise<Outcome<InFlight>> => ({ kind: "done", value })),
    },
    { redisUrl: service.url, log, drainMs: 1_000 },
  );
  workers.push(worker);
  await worker.start();
  await expect.poll(async () => (await readPools(redis, Date.now()))[2]?.processes.length).toBe(1);
}

/** A scaler's record, so old, with that in place of one idle worker in the pool of infer. */
async function decide(infer: Partial<DecidedPool> = {}, ageMs = 0) {
  const history = { sinceMs: 0, wanted: [], raisedAtMs: 0 };
  const decided = { replicas: 1, limits, reason: "", saturated: false, history, load: idle };
  const pools = stageNames.map((stage) => ({ stage, ...decided, ...(stage === "infer" ? infer : {}) }));
  const records = decisionRecords(redis);
  await records.lead();
  await records.write({ atMs: Date.now() - ageMs, driver: "keda", pools });
  await records.resign();
}

/** That the workers of infer work with. */
const tuningVersions = async () =>
  (await readPools(redis, Date.now()))[2]?.processes.map(({ tuningVersion }) => tuningVersion).toSorted();

const wait = (stage: StageName) =>
  queues.add(stage, [{ batchId: newBatchId(), items: [inFlight("c-1"), inFlight("c-2")] }]);
const step = { who: "ada", why: "a flood" };

test("where nothing runs yet it is content, and says how pools come to follow the load", async () => {
  expect(await diagnoseScaling(service.url, deadlineMs)).toEqual([
    {
      what: "scaler",
      good: true,
      detail: "nobody scales the pools: each has the workers that you start",
      advice: expect.stringContaining("briareus autoscaler"),
    },
    ...stageNames.map((stage) => ({
      what: `pool ${stage}`,
      good: true,
      detail: "no worker, nothing waits",
      advice: `start some: briareus worker ${stage}`,
    })),
    { what: "tuning", good: true, detail: "nothing is tuned" },
  ]);
});

test("a scaler that decides is well, one that has fallen silent is not", async () => {
  await decide();
  expect(await finding("scaler")).toMatchObject({
    good: true,
    detail: expect.stringMatching(/\(keda\) decided \d s ago$/),
  });
  await decide({}, 30_000);
  expect(await finding("scaler")).toMatchObject({
    good: false,
    detail: expect.stringMatching(/has decided nothing for 3\d s$/),
    advice: expect.stringContaining("pools stay as they are"),
  });
});

test("captures that nobody works on are wrong, and what to do depends on whether workers are wanted", async () => {
  await wait("infer");
  const unscaled = await finding("pool infer");
  expect(unscaled).toMatchObject({ good: false, advice: "start some: briareus worker infer" });
  expect(unscaled?.detail).toMatch(/^no worker, 2 captures wait, the oldest for \d s$/);
  await decide({ replicas: 3 });
  expect(await finding("pool infer")).toMatchObject({
    good: false,
    advice: expect.stringMatching(/^3 are wanted: do they start/),
  });
});

test("an idle pool that was scaled to none is well", async () => {
  await decide({ replicas: 0 });
  expect(await finding("pool infer")).toEqual({
    what: "pool infer",
    good: true,
    detail: "no worker, and none is needed",
  });
});

test("a pool that works is well; one that lacks workers, or is at its maximum, is so too, with advice", async () => {
  await startWorker();
  await decide();
  expect(await finding("pool infer")).toEqual({ what: "pool infer", good: true, detail: "1 worker, nothing waits" });
  await decide({ replicas: 3 });
  expect(await finding("pool infer")).toMatchObject({
    good: true,
    detail: "1 of 3 workers that are wanted, nothing waits",
  });
  await decide({ saturated: true, reason: "at the maximum of 1: 90 captures need 3" });
  expect(await finding("pool infer")).toMatchObject({
    good: true,
    detail: "at the maximum of 1: 90 captures need 3, nothing waits",
    advice: expect.stringContaining("briareus tune infer --max N"),
  });
});

test("a pause is told with who and why, and is wrong once captures expire under it", async () => {
  await startWorker();
  await tuningStore(redis).change({ expectedVersion: 0, stages: { infer: { paused: true } }, ...step });
  await expect.poll(tuningVersions, { timeout: 5_000 }).toEqual([1]);
  await wait("infer");
  const paused = await finding("pool infer");
  expect(paused).toMatchObject({ good: true, advice: "briareus tune infer --resume --reason …" });
  expect(paused?.detail).toMatch(/^paused by ada \d s ago, "a flood": 2 captures wait, the oldest for \d s$/);
  await expect.poll(async () => (await diagnoseScaling(service.url, 1))[3]?.good).toBe(false);
});

test("a pause by the queue's own flag is told apart from tuning's", async () => {
  await queues.queue("infer").pause();
  expect(await finding("pool infer")).toMatchObject({
    detail: "paused, nothing waits",
    advice: expect.stringContaining('resume queue "infer" with the BullMQ tool'),
  });
});

test("a trial is told with the time that is left and what to do", async () => {
  const stages = { infer: { max: 6 } };
  await tuningStore(redis).change({ expectedVersion: 0, stages, ...step, trialMs: 300_000 });
  const trial = await finding("tuning");
  expect(trial).toMatchObject({ good: true, advice: expect.stringContaining("briareus tune --keep") });
  expect(trial?.detail).toMatch(/^version 1 is on trial for another [45] min, by ada \d s ago, "a flood"$/);
});

test("workers that do not follow the tuning are counted, once they had the time to", async () => {
  const past = tuningStore(redis, () => Date.now() - 60_000);
  await past.change({ expectedVersion: 0, stages: { infer: { max: 6 } }, ...step });
  const settings = { concurrency: 4, defaultConcurrency: 4, tuningVersion: 0 };
  const meter = createStageMeter("infer");
  cleanups.push(reportFigures(redis, "infer", "infer-old", () => meter.figures(settings, Date.now())));
  await startWorkerBeside();
  expect(await finding("pool infer")).toMatchObject({
    good: true,
    detail: "1 of 2 workers do not work with tuning version 1",
  });
});

async function startWorkerBeside() {
  const worker = createStageWorker(
    { name: "infer", input: InFlight, run: () => [] },
    { redisUrl: service.url, log, drainMs: 1_000 },
  );
  workers.push(worker);
  await worker.start();
  await expect.poll(tuningVersions, { timeout: 5_000 }).toEqual([0, 1]);
}

test("the command prints it all, tells notes from faults, and ends with 1 for what is wrong", async () => {
  await decide({ replicas: 0 }, 30_000);
  const elsewhere = "127.0.0.1:1";
  const { code, output } = await runCommand(["doctor"], {
    REDIS_URL: service.url,
    DATABASE_URL: `postgres://${elsewhere}/briareus`,
    PUBSUB_EMULATOR_HOST: elsewhere,
    BRIAREUS_MODEL_SERVER: elsewhere,
  });
  expect(code).toBe(1);
  expect(output).toMatch(/^FAIL {2}scaler: .* has decided nothing for 3\d s\n {6}pools stay as they are/m);
  expect(output).toMatch(/^ok {4}pool infer: no worker, and none is needed$/m);
  await redis.del("briareus:scaling");
  await redis.set(tuningKey, "{");
  const unreadable = await runCommand(["doctor", "--json"], {
    REDIS_URL: service.url,
    PUBSUB_EMULATOR_HOST: elsewhere,
  });
  expect(JSON.parse(unreadable.output)).toContainEqual({
    what: "scaling",
    good: false,
    detail: expect.stringContaining("cannot be read"),
    advice: "run the release that wrote it, or remove the key",
  });
});

test("without Redis there is one finding instead of six", async () => {
  const { output } = await runCommand(["doctor"], {
    REDIS_URL: "redis://127.0.0.1:1",
    PUBSUB_EMULATOR_HOST: "127.0.0.1:1",
  });
  expect(output).toMatch(/^FAIL {2}scaling: Redis does not answer.*\n {6}mend Redis first/m);
  expect(output).not.toContain("pool infer");
});
