/** What ops sees of the pipeline, over HTTP, on a real Redis and a real Postgres. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newBatchId } from "../../src/pipeline/job.ts";
import { openQueues } from "../../src/pipeline/queues.ts";
import { totalOf } from "../../src/pipeline/totals.ts";
import { addVerdictCounts } from "../../src/pipeline/verdict-counts.ts";
import type { OpsHistory, OpsPool, OpsState } from "../../src/review/contract/ops.ts";
import type { Failures } from "../../src/review/contract/ops-failures.ts";
import { historyKey } from "../../src/review/ops/history.ts";
import { openOps } from "../../src/review/ops/open-ops.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { inFlight } from "../items.ts";
import { patience } from "../patience.ts";
import type { Caller } from "../review-api.ts";
import { startReviewOps, type TestOps } from "../review-ops.ts";
import { idle as idleLoad } from "../scaling.ts";

let ops: TestOps;
beforeAll(async () => {
  ops = await startReviewOps();
});
afterAll(() => ops[Symbol.asyncDispose]());

async function state(caller: Caller = ops.key): Promise<OpsState> {
  const answer = await caller("GET", "/v1/ops/state");
  if (answer.statusCode !== 200) throw new Error(answer.body);
  return answer.json();
}
async function pool(stage: string): Promise<OpsPool> {
  const found = (await state()).pools.find((each) => each.stage === stage);
  if (!found) throw new Error(`there is no pool ${stage}`);
  return found;
}
const measured = () =>
  expect.poll(() => ops.key("GET", "/v1/ops/state").then(({ statusCode }) => statusCode), patience).toBe(200);

describe("who may look", () => {
  const paths = ["state", "history", "failures", "models"].map((name) => `/v1/ops/${name}`);

  test("people and keys with the scope ops, and admins", async () => {
    await measured();
    const admin = await ops.api.person("admin");
    for (const caller of [ops.key, ops.person, admin])
      for (const path of paths) expect((await caller("GET", path)).statusCode).toBe(200);
  });

  test("nobody else: neither leads nor keys of other scopes, nor those who are not signed in", async () => {
    const lead = await ops.api.person("lead");
    const reading = await ops.api.key(["read", "ingest", "export"]);
    for (const path of paths) {
      expect((await lead("GET", path)).json().code).toBe("forbidden");
      expect((await reading("GET", path)).json().code).toBe("forbidden");
      expect((await ops.api.anybody("GET", path)).json().code).toBe("not-signed-in");
    }
  });
});

describe("the state", () => {
  test("counts captures, not jobs, and says how long the oldest waits", async () => {
    const queues = openQueues(ops.redis);
    const items = Array.from({ length: 16 }, (_, index) => inFlight(`depth-${index}`));
    await queues.add("preprocess", [
      { batchId: newBatchId(), items },
      { batchId: newBatchId(), items: items.slice(0, 5) },
    ]);
    await expect.poll(() => pool("preprocess").then(({ depth }) => depth), patience).toBe(21);
    const { oldestAgeMs, drainMs, replicas } = await pool("preprocess");
    expect(oldestAgeMs.value).toBeGreaterThan(0);
    expect(drainMs.value).toBeNull();
    expect(replicas).toMatchObject({ wanted: null, running: 0, level: "normal" });
    await queues.queue("preprocess").obliterate({ force: true });
    await queues.close();
    await expect.poll(() => pool("preprocess").then(({ depth }) => depth), patience).toBe(0);
  });

  test("has rates, times and busy slots from what the workers counted", async () => {
    let done = 0;
    // 100 ms a capture, in the bucket of it: 4 buckets a doubling above 0.05 ms.
    const bucket = Math.round(4 * Math.log2(100 / 0.05));
    const counted = () => {
      done += 50;
      return { [totalOf.outcome("infer", "done")]: done, [totalOf.time("infer", "service", bucket)]: done };
    };
    const worker = ops.worker("infer", { active: 3, concurrency: 4 }, counted);
    await expect.poll(() => pool("infer").then(({ busy }) => busy.value), patience).toBe(0.75);
    await expect.poll(() => pool("infer").then(({ serviceMs }) => serviceMs.p95), patience).toBeCloseTo(100, -1);
    const { outPerSecond, replicas } = await pool("infer");
    expect(outPerSecond.value).toBeGreaterThan(10);
    expect(replicas.running).toBe(1);
    expect((await pool("postprocess")).inPerSecond).toBeCloseTo(outPerSecond.value ?? 0, 0);
    await worker.stop();
    await expect.poll(() => pool("infer").then(({ replicas: { running } }) => running), patience).toBe(0);
  });

  test("is a breach with one sentence that says why, when captures wait and no worker is there", async () => {
    const queues = openQueues(ops.redis);
    await queues.add("fetch", [{ batchId: newBatchId(), items: [inFlight("a"), inFlight("b")] }]);
    await expect.poll(() => pool("fetch").then(({ replicas }) => replicas.level), patience).toBe("breach");
    const { sentence } = await state();
    expect(sentence).toMatchObject({ level: "breach", stage: "fetch" });
    expect(sentence.text).toMatch(/^fetch has no worker: 2 captures wait, the oldest for [\d.]+ s · /);
    await queues.queue("fetch").obliterate({ force: true });
    await queues.close();
  });

  test("says what whoever scales a pool wants of it and why, until it has said nothing for a minute", async () => {
    const limits = { min: 1, max: 4, goalMs: 2_000, stabilisationMs: 15_000, headroom: 1.25 };
    const history = { sinceMs: 0, wanted: [], raisedAtMs: 0 };
    const load = idleLoad;
    const decided = (stage: string, facts: object) => {
      return {
        stage,
        replicas: 1,
        running: 1,
        limits,
        reason: "nothing is there",
        saturated: false,
        history,
        load,
        ...facts,
      };
    };
    const pools = [
      decided("fetch", { reason: "held: infer is saturated (3 would be needed)" }),
      decided("preprocess", {}),
      decided("infer", { replicas: 4, saturated: true, reason: "at the maximum of 4: age 4.1 s over the 2 s goal" }),
      decided("postprocess", {}),
    ];
    const record = (atMs: number) => JSON.stringify({ v: 1, atMs, driver: "local", by: "somebody", pools });
    const worker = ops.worker("infer");
    await ops.redis.set("briareus:scaling", record(Date.now()));
    await expect
      .poll(() => pool("infer").then(({ replicas }) => replicas), patience)
      .toMatchObject({ wanted: 4, running: 1, starting: 3, min: 1, max: 4, holding: "limit" });
    expect(await pool("infer")).toMatchObject({ goalMs: 2_000, replicas: { reason: pools[2]?.reason } });
    expect((await pool("fetch")).replicas.holding).toBe("next-full");
    expect((await state()).scaler).toMatchObject({ driver: "local", by: "somebody" });
    await ops.redis.set("briareus:scaling", record(Date.now() - 61_000));
    await expect
      .poll(() => pool("infer").then(({ replicas }) => replicas), patience)
      .toMatchObject({ wanted: null, reason: null, holding: "none" });
    expect((await state()).scaler).toEqual({ driver: null, by: null, ageMs: null });
    await worker.stop();
  });

  test("that is not new is answered with 304 and nothing else", async () => {
    await expect
      .poll(async () => {
        const first = await ops.key("GET", "/v1/ops/state");
        const etag = String(first.headers.etag);
        const again = await ops.key("GET", "/v1/ops/state", undefined, { "if-none-match": etag });
        return [again.statusCode, again.body];
      }, patience)
      .toEqual([304, ""]);
    const other = await ops.key("GET", "/v1/ops/state", undefined, { "if-none-match": '"other"' });
    expect(other.statusCode).toBe(200);
  });
});

test("failures are told by reason, with what each means, and the share of them has a level", async () => {
  const pipeline = ops.redis.pipeline();
  const counts = [
    { verdict: "clean", reason: null, count: 930 },
    { verdict: "unprocessable", reason: "not-found", count: 60 },
    { verdict: "unprocessable", reason: "image-corrupt", count: 10 },
  ] as const;
  addVerdictCounts(pipeline, counts, Date.now());
  addVerdictCounts(pipeline, [{ verdict: "unprocessable", reason: "not-found", count: 40 }], Date.now() - 1_200_000);
  await pipeline.exec();
  const failures: Failures = (await ops.key("GET", "/v1/ops/failures")).json();
  expect(failures.reasons).toEqual([
    {
      verdict: "unprocessable",
      reason: "not-found",
      words: expect.stringContaining("does not exist"),
      fiveMinutes: 60,
      hour: 100,
    },
    expect.objectContaining({ reason: "image-corrupt", fiveMinutes: 10, hour: 10 }),
  ]);
  expect(failures).toMatchObject({ verdicts: { fiveMinutes: 1_000, hour: 1_040 }, level: "breach" });
  await expect
    .poll(() => state().then(({ verdicts }) => verdicts.failures), patience)
    .toMatchObject({ value: 0.07, level: "breach" });
});

test("the history has a sample every five seconds, in columns of one length, and gives only what is new", async () => {
  const read = async (after = 0): Promise<OpsHistory> =>
    (await ops.key("GET", `/v1/ops/history?after=${after}`)).json();
  await expect.poll(() => read().then(({ atMs }) => atMs.length), patience).toBeGreaterThanOrEqual(2);
  const { atMs, flow, pools, endToEndP95Ms } = await read();
  for (const column of [...Object.values(flow), endToEndP95Ms, ...Object.values(pools).flatMap(Object.values)])
    expect(column).toHaveLength(atMs.length);
  expect(atMs).toEqual(atMs.toSorted((a, b) => a - b));
  const [first = 0] = atMs;
  expect((await read(first)).atMs).not.toContain(first);
  expect(await ops.redis.llen(historyKey)).toBeLessThanOrEqual(720);
});

test("two review processes write one history: only one measures, and the other goes on when it stops", async () => {
  const log = createLogger({ level: "silent", role: "test" });
  const options = { redisUrl: ops.service.url, blobs: ops.blobs, modelServer: "127.0.0.1:1", deadlineMs: 60_000 };
  const second = openOps({ ...options, log, now: Date.now });
  await second.sampler.start();
  await measured();
  const holder = await ops.redis.get("briareus:ops-leader");
  await ops.ops.sampler.stop();
  await expect
    .poll(() => ops.redis.get("briareus:ops-leader"), patience)
    .toSatisfy((now) => now !== null && now !== holder);
  const before = (await state()).at;
  await expect.poll(() => state().then(({ at }) => at > before), patience).toBe(true);
  const times = (await ops.redis.lrange(historyKey, 0, -1)).map((text) => Math.floor(JSON.parse(text).atMs / 5_000));
  expect(new Set(times).size).toBe(times.length);
  await second.sampler.stop();
  second.parts.redis.disconnect();
});

test("while nobody measures, the figures stay with their age, and are never shown as nought", async () => {
  await measured();
  const { at } = await state();
  await expect.poll(() => state().then(({ data }) => data.level), patience).toBe("breach");
  const stale = await state();
  expect(stale.sentence).toMatchObject({ level: "breach", stage: null });
  expect(stale.sentence.text).toMatch(/figures are \d+(\.\d)? s old/);
  expect(stale.at).toBe(at);
  await ops.service.pause();
  try {
    expect((await state()).at).toBe(at);
    for (const path of ["failures", "history", "unprocessable", "tuning"])
      expect((await ops.key("GET", `/v1/ops/${path}`)).json()).toMatchObject({ code: "unavailable" });
  } finally {
    await ops.service.resume();
  }
});
