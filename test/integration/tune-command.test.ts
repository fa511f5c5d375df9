/** `briareus tune` as people meet it: arguments in, text and exit codes out, on a real Redis and a real worker. */
import type { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { InFlight } from "../../src/capture/item.ts";
import type { Lifecycle } from "../../src/pipeline/lifecycle.ts";
import { readPools, reportFigures, reportHeld } from "../../src/pipeline/pool-figures.ts";
import { openQueues } from "../../src/pipeline/queues.ts";
import type { Outcome } from "../../src/pipeline/stage.ts";
import { createStageWorker } from "../../src/pipeline/stage-worker.ts";
import { stageNames } from "../../src/pipeline/stages.ts";
import { tuningKey, tuningStore } from "../../src/pipeline/tuning/tuning-store.ts";
import { connectRedis } from "../../src/redis/connection.ts";
import { decisionRecords } from "../../src/scaling/decision-record.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { runCommand } from "../command.ts";
import { inFlight } from "../items.ts";
import { idle } from "../scaling.ts";
import { type RedisService, startRedis } from "../services.ts";

const log = createLogger({ level: "silent", role: "test" });
let service: RedisService;
let redis: Redis;
const workers: Lifecycle[] = [];
const cleanups: (() => unknown)[] = [];

beforeAll(async () => {
  service = await startRedis();
  redis = connectRedis(service.url, { role: "client", log });
});
beforeEach(() => redis.flushall());
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.stop()));
  for (const cleanUp of cleanups.splice(0)) await cleanUp();
});
afterAll(async () => {
  redis.disconnect();
  await service.stop();
});

const tune = (...args: string[]) => runCommand(["tune", ...args], { REDIS_URL: service.url });
async function tuned(...args: string[]): Promise<string> {
  const { code, output, errors } = await tune(...args);
  expect({ code, errors }).toEqual({ code: 0, errors: "" });
  return output;
}
const because = ["--reason", "a flood"];

async function startWorker() {
  const worker = createStageWorker(
    {
      name: "infer",
      input: InFlight,
      run: (items) => items.map(async (value): Promise<Outcome<InFlight>> => ({ kind: "done", value })),
    },
    { redisUrl: service.url, log, concurrency: 3, drainMs: 1_000 },
  );
  workers.push(worker);
  await worker.start();
}

const everywhere = <Value>(value: Value) => ({ fetch: value, preprocess: value, infer: value, postprocess: value });

/** What whoever scales the pools says of itself. */
async function pretendScaler(defaults: { min: number; max: number }, replicas = 1) {
  const limits = { ...defaults, goalMs: 3_000, stabilisationMs: 15_000, headroom: 1.25 };
  const history = { sinceMs: 0, wanted: [], raisedAtMs: 0 };
  const decided = { replicas, limits: { ...limits, max: 99 }, reason: "", saturated: false, history, load: idle };
  const pools = stageNames.map((stage) => ({ stage, ...decided }));
  const records = decisionRecords(redis);
  await records.lead();
  await records.write({ atMs: Date.now(), driver: "local", defaults: everywhere(limits), pools });
  await records.resign();
}

test("without options it shows what is tuned, the defaults, and who changed what last", async () => {
  expect(await tuned()).toMatch(/^version 0: nothing is tuned, all is as deployed\n\n {13}concurrency {2}batch {2}min/);
  await startWorker();
  await pretendScaler({ min: 1, max: 4 });
  cleanups.push(reportHeld(redis, "ingress-1", () => ({ held: 0, maxHeld: 10, batchSize: 16, atMs: Date.now() })));
  await tuned("infer", "--max", "6", "--batch", "8", ...because);
  await tuned("fetch", "--pause", ...because);
  const lines = (await tuned()).split("\n");
  expect(lines[0]).toMatch(/^version 2, by .+ ago, "a flood"$/);
  expect(lines[3]).toMatch(/^fetch +8 +16 +1 +4 +3 s +paused +v2 by .+ ago, "a flood": paused$/);
  expect(lines[4]).toMatch(/^preprocess +2 +16 +1 +4 +3 s$/);
  expect(lines[5]).toMatch(/^infer +3 +8 \(16\) +1 +6 \(4\) +3 s +v1 by .+: batch default → 8, max default → 6$/);
  expect(lines[8]).toBe("in brackets: the deployment's default");
  expect(await tuned("infer")).not.toContain("postprocess");
  expect(JSON.parse(await tuned("--json"))).toMatchObject({
    tuning: { version: 2, stages: { infer: { max: 6, batch: 8 }, fetch: { paused: true } } },
    pools: [{ stage: "fetch" }, {}, { stage: "infer", concurrency: 3, limits: { min: 1, max: 4 } }, {}],
  });
});

test("a change is in force in a running worker when the command ends, and the log says who and why", async () => {
  await startWorker();
  const output = await tuned("infer", "--concurrency", "7", "--goal", "1500ms", ...because);
  expect(output).toMatch(
    /^version 1: infer concurrency default → 7, infer goal default → 1\.5 s\n1 of 1 workers work with it after \d\.\d s\n$/,
  );
  const [infer] = (await readPools(redis, Date.now())).filter(({ stage }) => stage === "infer");
  expect(infer?.processes).toMatchObject([{ concurrency: 7, tuningVersion: 1 }]);
  await tuned("infer", "--concurrency", "default", "--reason", "all is well");
  const [head, second, first] = (await tuned("--log")).split("\n");
  expect(head).toMatch(/UTC +who +what +why/);
  expect(second).toMatch(/^v2 .+ changed +infer concurrency 7 → default +"all is well"$/);
  expect(first).toMatch(/^v1 .+ changed +infer concurrency default → 7, infer goal default → 1\.5 s +"a flood"$/);
  expect(JSON.parse(await tuned("--log", "--json"))).toMatchObject([{ version: 2 }, { version: 1, why: "a flood" }]);
});

test("a trial can be kept, taken back, and is shown with its time", async () => {
  expect(await tuned("infer", "--max", "6", "--try", "5m", ...because)).toMatch(
    /version 1: infer max default → 6\non trial for another 5 min: briareus tune --keep, or --revert\nno worker runs/,
  );
  expect(await tuned()).toContain("on trial for another");
  expect(await tuned("--keep", ...because)).toContain("version 2: kept");
  await tuned("infer", "--max", "9", "--try", "1m", ...because);
  expect(await tuned("--revert", ...because)).toContain("version 4: infer max 9 → 6");
  expect(await tuned("--restore", "0", ...because)).toContain("version 5: infer max 6 → default");
  expect((await tuningStore(redis).read()).stages).toEqual({});
});

test("a change from a version that is not in force is refused, and both are shown", async () => {
  await tuned("infer", "--max", "6", ...because);
  const { code, output, errors } = await tune("infer", "--max", "2", "--pause", "--from-version", "0", ...because);
  expect({ code, output }).toEqual({ code: 1, output: "" });
  expect(errors).toMatch(
    /^briareus: the change was made from version 0, but version 1 is in force, by .+: "a flood"; noth/,
  );
  expect(errors).toContain(
    "\n  yours, from version 0: infer max 2, infer paused\n  in force, version 1: infer max 6\n",
  );
  expect((await tuningStore(redis).read()).stages).toEqual({ infer: { max: 6 } });
});

describe("refused with a sentence, with nothing changed:", () => {
  test.each([
    [
      "an unknown stage",
      ["infr", "--max", "2", ...because],
      /'infr' is invalid.*fetch, preprocess, infer, postprocess/,
    ],
    [
      "a negative number",
      ["infer", "--min", "-1", ...because],
      /'-1' is invalid. min is a whole number of workers from 0/,
    ],
    [
      "a word for a number",
      ["infer", "--max", "many", ...because],
      /'many' is invalid. max is a whole number of workers/,
    ],
    ["min over a stored max", ["infer", "--min", "7", ...because], /briareus: infer: min 7 is over max 6/],
    ["min over a default max", ["fetch", "--min", "5", ...because], /fetch: min 5 is over max 4 \(the default\)/],
    ["an empty reason", ["infer", "--max", "2", "--reason", "  "], /briareus: a reason is needed/],
    [
      "a trial of a second",
      ["infer", "--max", "2", "--try", "1s", ...because],
      /a trial lasts from 10 seconds to an hour/,
    ],
    ["a dry run of a wrong change", ["infer", "--min", "7", "--dry-run"], /briareus: infer: min 7 is over max 6/],
  ])("%s", async (_, args, words) => {
    await pretendScaler({ min: 1, max: 4 });
    await tuningStore(redis).change({ expectedVersion: 0, stages: { infer: { max: 6 } }, who: "ada", why: "test" });
    const before = await redis.get(tuningKey);
    const { code, output, errors } = await tune(...args);
    expect({ code, output }).toEqual({ code: 2, output: "" });
    expect(errors).toMatch(words);
    expect(await redis.get(tuningKey)).toBe(before);
    expect(await tuningStore(redis).log(10)).toHaveLength(1);
  });

  test("keeping what is not on trial, restoring what the log does not hold", async () => {
    expect(await tune("--keep", ...because)).toMatchObject({
      code: 1,
      errors: expect.stringContaining("not on trial"),
    });
    const { code, errors } = await tune("--restore", "7", ...because);
    expect({ code, errors }).toEqual({ code: 1, errors: "briareus: the log holds no version 7\n" });
  });
});

test("a dry run says what a change would do, and changes nothing", async () => {
  await pretendScaler({ min: 1, max: 4 }, 4);
  const figures = { done: 0, retried: 0, rejected: 0, active: 0, capturesPerBatch: 16, p50Ms: 0, p95Ms: 0 };
  const settings = { concurrency: 2, defaultConcurrency: 2, tuningVersion: 0, batches: 100, serviceMsPerCapture: 20 };
  const report = () => ({ ...figures, ...settings, atMs: Date.now() });
  for (const id of ["a", "b", "c", "d"]) cleanups.push(reportFigures(redis, "infer", id, report));
  const queues = openQueues(redis);
  cleanups.push(() => queues.close());
  // 1,600 captures at 20 ms, two slots: all four workers, 400/s, 4 s; two of them take 8 s.
  const batch = (index: number) => ({
    batchId: `b-${index}`,
    items: Array.from({ length: 16 }, (_, of) => inFlight(`${index}-${of}`)),
  });
  await queues.add(
    "infer",
    Array.from({ length: 100 }, (_, index) => batch(index)),
  );
  const lines = (await tuned("infer", "--max", "2", "--dry-run")).split("\n");
  expect(lines[0]).toBe("On version 0, by the scaling rule and what is measured now. Nothing was changed.");
  expect(lines[5]).toMatch(/^infer +4 → 2 +4 s → 8 s +the limits are 1 to 2: 4 → 2$/);
  expect(lines).toContain("warning: infer: 2 of 4 running will drain");
  const json = JSON.parse(await tuned("infer", "--pause", "--dry-run", "--json"));
  expect(json).toMatchObject({
    version: 0,
    bottleneck: { to: "infer" },
    pools: [{}, {}, { drainSeconds: { to: null } }, {}],
  });
  expect(await redis.get(tuningKey)).toBeNull();
});

test("what people have written cannot steer the terminal of those who read it", async () => {
  await tuned("infer", "--max", "6", "--reason", "\u001b[2Jgone");
  expect(await tuned("--log")).toContain('"\ufffd[2Jgone"');
  expect(await tuned()).toMatch(/"\ufffd\[2Jgone"/);
});

test("a Redis that does not answer is said so, within seconds", async () => {
  const { code, errors } = await runCommand(["tune"], { REDIS_URL: "redis://127.0.0.1:1" });
  expect({ code, errors }).toEqual({
    code: 1,
    errors: "briareus: Redis does not answer: REDIS_URL says where it is looked for\n",
  });
});
