/** Tuning over HTTP: who may, what is refused and in which words, trials, and what the logs say. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { tuningStore } from "../../src/pipeline/tuning/tuning-store.ts";
import type { OpsTuning, TuningLogEntry } from "../../src/review/contract/ops-tuning.ts";
import { historyKey, stepMs } from "../../src/review/ops/history.ts";
import type { Caller } from "../review-api.ts";
import { startReviewOps, type TestOps } from "../review-ops.ts";
import { idle } from "../scaling.ts";

let ops: TestOps;
let nowMs = Date.parse("2026-03-01T12:00:00Z");
beforeAll(async () => {
  ops = await startReviewOps({ sampling: false, now: () => nowMs });
});
afterAll(() => ops[Symbol.asyncDispose]());
beforeEach(() => ops.redis.flushall());

const tune = (request: object, caller: Caller = ops.person, path = "/v1/ops/tuning") =>
  caller("POST", path, { why: "a test", ...request });
const tuning = async (): Promise<OpsTuning> => (await ops.key("GET", "/v1/ops/tuning")).json();
const log = async (): Promise<TuningLogEntry[]> => (await ops.key("GET", "/v1/ops/tuning/log")).json().items;
const lines = () =>
  ops.api.review.context.db
    .selectFrom("activity")
    .select(["actor", "details"])
    .where("kind", "=", "pipeline-tuned")
    .orderBy("id", "desc")
    .execute();

test("what was never tuned is version 0, with the deployment's defaults as far as anybody tells them", async () => {
  const worker = ops.worker("infer", { defaultConcurrency: 7 });
  await expect.poll(() => tuning().then(({ defaults }) => defaults.infer.concurrency)).toBe(7);
  expect(await tuning()).toMatchObject({
    version: 0,
    at: null,
    stages: {},
    trial: null,
    defaults: { fetch: { concurrency: 8, batch: null, min: null, max: null, goalMs: null, paused: false } },
    limits: { concurrency: { min: 1, max: 256, words: expect.stringContaining("pause it") } },
  });
  await worker.stop();
});

test("a change is in force under the next version, with who and why in both logs", async () => {
  const answer = await tune({ version: 0, stages: { infer: { concurrency: 8, goalMs: 2_000 } }, why: "a new card" });
  expect(answer.json()).toMatchObject({ version: 1, stages: { infer: { concurrency: 8, goalMs: 2_000 } } });
  expect(await tuningStore(ops.redis).read()).toMatchObject({ version: 1, stages: { infer: { concurrency: 8 } } });
  const back = await tune({ version: 1, stages: { infer: { goalMs: null } } }, ops.key);
  expect(back.json().stages).toEqual({ infer: { concurrency: 8 } });
  const [second, first] = await log();
  expect(first).toMatchObject({
    version: 1,
    why: "a new card",
    kind: "change",
    changes: [
      { stage: "infer", field: "concurrency", from: null, to: 8 },
      { stage: "infer", field: "goalMs", from: null, to: 2_000 },
    ],
  });
  expect([first?.who, second?.who]).toEqual([expect.stringMatching(/^moderator /), "ops"]);
  expect((await lines()).slice(0, 2)).toEqual([
    { actor: `key:${ops.key.id}`, details: expect.objectContaining({ version: 2 }) },
    {
      actor: `user:${ops.person.id}`,
      details: { version: 1, how: "change", why: "a new card", changes: first?.changes },
    },
  ]);
});

test("a draft from an older version is refused, and both are shown", async () => {
  await tune({ version: 0, stages: { infer: { concurrency: 8 } } });
  const before = (await lines()).length;
  const answer = await tune({ version: 0, stages: { infer: { concurrency: 4 } } });
  expect(answer.statusCode).toBe(409);
  expect(answer.json()).toMatchObject({
    code: "stale-version",
    detail: expect.stringContaining("nothing was changed"),
    stale: { yours: 0, current: { version: 1, stages: { infer: { concurrency: 8 } } } },
  });
  expect(await tuning()).toMatchObject({ version: 1, stages: { infer: { concurrency: 8 } } });
  expect(await lines()).toHaveLength(before);
});

describe("what is not allowed is refused in words, and changes nothing:", () => {
  const refused: Record<string, [request: object, words: string]> = {
    "a number below its limit": [{ stages: { infer: { concurrency: 0 } } }, "1 to 256"],
    "a minimum over the maximum": [{ stages: { infer: { min: 5, max: 2 } } }, "min 5 is over max 2"],
    "a change of nothing": [{ stages: {} }, "nothing would change"],
    "a reason of spaces": [{ stages: { infer: { min: 1 } }, why: "   " }, ""],
    "an unknown stage": [{ stages: { render: { min: 1 } } }, ""],
    "half a worker": [{ stages: { infer: { min: 1.5 } } }, ""],
    "a text for a number": [{ stages: { infer: { min: "3" } } }, ""],
    "a trial of a second": [{ stages: { infer: { min: 1 } }, tryMs: 1_000 }, ""],
  };
  test.each(Object.entries(refused))("%s", async (_, [request, words]) => {
    const answer = await tune({ version: 0, ...request });
    expect(answer.json()).toMatchObject({ code: "invalid" });
    expect(answer.body).toContain(words);
    expect((await tuning()).version).toBe(0);
  });

  test("changes by those who lack the scope, or from a foreign page", async () => {
    const request = { version: 0, stages: { infer: { min: 1 } }, why: "x" };
    const lead = await ops.api.person("lead");
    expect((await tune(request, lead)).json().code).toBe("forbidden");
    expect((await tune(request, ops.api.anybody)).json().code).toBe("not-signed-in");
    const foreign = await ops.person("POST", "/v1/ops/tuning", request, { "x-csrf-token": "" });
    expect(foreign.json().code).toBe("csrf-failed");
    expect((await tuning()).version).toBe(0);
  });
});

describe("a trial", () => {
  const begin = () => tune({ version: 0, stages: { fetch: { concurrency: 32 } }, tryMs: 300_000 });

  test("ends by itself when its time is over, though nobody is there", async () => {
    const { trial } = (await begin()).json();
    expect(trial).toEqual({ until: new Date(nowMs + 300_000).toISOString(), before: {} });
    nowMs += 299_999;
    expect((await tuning()).stages).toEqual({ fetch: { concurrency: 32 } });
    nowMs += 1;
    expect(await tuning()).toMatchObject({ version: 2, stages: {}, trial: null });
    expect((await log())[0]).toMatchObject({ who: "timer", kind: "revert", version: 2 });
  });

  test("that is kept stays, and one that is taken back is gone at once", async () => {
    await begin();
    const step = (name: string, version: number) => tune({ version }, ops.person, `/v1/ops/tuning/${name}`);
    expect((await step("keep", 0)).json()).toMatchObject({ code: "stale-version", stale: { yours: 0 } });
    expect((await step("keep", 1)).json()).toMatchObject({ version: 2, trial: null });
    nowMs += 400_000;
    expect((await tuning()).stages).toEqual({ fetch: { concurrency: 32 } });
    expect((await step("keep", 2)).json()).toMatchObject({ code: "conflict" });
    await tune({ version: 2, stages: { fetch: { concurrency: 64 } }, tryMs: 300_000 });
    expect((await step("revert", 3)).json()).toMatchObject({ version: 4, stages: { fetch: { concurrency: 32 } } });
  });
});

test("an earlier version is restored as a new one; one that never was is not found", async () => {
  await tune({ version: 0, stages: { fetch: { concurrency: 32 } } });
  await tune({ version: 1, stages: { fetch: { concurrency: 64 } } });
  const restore = (version: number, which: number) =>
    tune({ version, restore: which }, ops.person, "/v1/ops/tuning/restore");
  expect((await restore(2, 1)).json()).toMatchObject({ version: 3, stages: { fetch: { concurrency: 32 } } });
  expect((await log())[0]).toMatchObject({ kind: "restore", restores: 1 });
  expect((await restore(3, 99)).json().code).toBe("not-found");
});

describe("a preview", () => {
  const preview = async (request: object, version = 0) =>
    ops.person("POST", "/v1/ops/tuning/preview", { version, ...request });
  /** As a scaler that has three workers of infer would have written it. */
  const scaled = async () => {
    const limits = { min: 1, max: 4, goalMs: 3_000, stabilisationMs: 15_000, headroom: 1.25 };
    const pools = ["fetch", "preprocess", "infer", "postprocess"].map((stage) => ({
      stage,
      replicas: stage === "infer" ? 3 : 1,
      running: 1,
      limits,
      reason: "a test",
      saturated: false,
      history: { sinceMs: 0, wanted: [], raisedAtMs: 0 },
      load: idle,
    }));
    const defaults = { fetch: limits, preprocess: limits, infer: limits, postprocess: limits };
    const record = { v: 1, atMs: nowMs, driver: "local", by: "x", defaults, pools };
    await ops.redis.set("briareus:scaling", JSON.stringify(record));
  };

  test("says what the rule would make of a change, and changes nothing", async () => {
    await scaled();
    const answer = await preview({ stages: { infer: { max: 2 }, fetch: { paused: true } } });
    expect(answer.statusCode).toBe(200);
    const { pools, warnings, bottleneck } = answer.json();
    expect(pools.map(({ stage }: { stage: string }) => stage)).toEqual(["fetch", "preprocess", "infer", "postprocess"]);
    expect(pools[2]).toMatchObject({ replicas: { to: 1 }, drainMs: { from: 0, to: 0 } });
    expect(warnings).toEqual([expect.stringMatching(/^fetch: 0\/s keep coming/), "infer: 1 of 3 running will drain"]);
    expect(bottleneck.to).toBe("fetch");
    expect((await tuning()).version).toBe(0);
    expect(await log()).toEqual([]);
  });

  test("of what would be refused says so, and of a stale draft shows both versions", async () => {
    await scaled();
    const crossed = await preview({ stages: { infer: { min: 5 } } });
    expect(crossed.json()).toMatchObject({ code: "invalid", detail: expect.stringContaining("min 5 is over max 4") });
    await tune({ version: 0, stages: { infer: { max: 3 } } });
    expect((await preview({ stages: { infer: { max: 2 } } })).json()).toMatchObject({
      code: "stale-version",
      stale: { yours: 0, current: { version: 1, stages: { infer: { max: 3 } } } },
    });
  });

  test("while a trial runs says that it must end first", async () => {
    await tune({ version: 0, stages: { fetch: { concurrency: 32 } }, tryMs: 300_000 });
    const answer = await preview({ stages: { fetch: { concurrency: 64 } } }, 1);
    expect(answer.json().warnings[0]).toContain("keep or revert it first");
    const pause = await preview({ stages: { fetch: { paused: true } } }, 1);
    expect(pause.json().warnings[0]).toContain("keep coming");
  });
});

test("the log says how old captures were before a change and five minutes after, as far as the history reaches", async () => {
  const sample = (atMs: number, inferMs: number) => {
    const pool = Object.fromEntries(
      "oldestAgeMs depth wanted running min max goalMs serviceP50Ms serviceP95Ms waitingP95Ms busy"
        .split(" ")
        .map((name) => [name, null]),
    );
    const infer = { ...pool, oldestAgeMs: inferMs };
    const flow = { in: 1, clean: 1, flagged: 0, unprocessable: 0, expired: 0 };
    const pools = { fetch: { ...pool, oldestAgeMs: 9_999 }, preprocess: pool, infer, postprocess: pool };
    return JSON.stringify({ atMs, flow, endToEndP95Ms: null, pools, models: [] });
  };
  await ops.redis.lpush(historyKey, sample(nowMs - 2 * stepMs, 4_100), sample(nowMs - stepMs, 4_200));
  await tune({ version: 0, stages: { infer: { concurrency: 8 } } });
  expect((await log())[0]?.age).toEqual({ beforeMs: 4_200, afterMs: null });
  nowMs += 310_000;
  await ops.redis.lpush(historyKey, sample(nowMs - 12_000, 300), sample(nowMs - 7_000, 200));
  expect((await log())[0]?.age).toEqual({ beforeMs: 4_200, afterMs: 300 });
});

test("while Redis is away nothing is said to be done", async () => {
  await ops.service.pause();
  try {
    const answer = await tune({ version: 0, stages: { fetch: { concurrency: 32 } } });
    expect(answer.json()).toMatchObject({ code: "unavailable" });
  } finally {
    await ops.service.resume();
  }
});
