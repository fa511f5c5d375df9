/** Texts that anybody can send to ops, or have captures carry: kept as text or refused in words, and nothing fails. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addUnprocessable, unprocessableOf } from "../../src/pipeline/unprocessable.ts";
import type { UnprocessablePage } from "../../src/review/contract/ops-failures.ts";
import { hostile, script } from "../hostile-texts.ts";
import { flagged } from "../review.ts";
import type { Answer } from "../review-api.ts";
import { startReviewOps, type TestOps } from "../review-ops.ts";

let ops: TestOps;
beforeAll(async () => {
  ops = await startReviewOps({ sampling: false });
});
afterAll(() => ops[Symbol.asyncDispose]());

const inPath = (text: string) => encodeURIComponent(text.toWellFormed());
const inQuery = (text: string) => new URLSearchParams({ text: text.toWellFormed() }).toString().slice(5);
const get = (path: string) => ops.person("GET", path);
const post = (path: string, body: unknown) => ops.person("POST", `/v1/ops/${path}`, body);
const version = async () => (await get("/v1/ops/tuning")).json().version;
const asOf = new Date().toISOString();
const all = { kind: "all" };

const fields: Record<string, (text: string) => Promise<Answer>> = {
  "time of the history": (text) => get(`/v1/ops/history?after=${inQuery(text)}`),
  "reason in a list": (text) => get(`/v1/ops/unprocessable?reason=${inQuery(text)}`),
  "cursor of a list": (text) => get(`/v1/ops/unprocessable?cursor=${inQuery(text)}`),
  "length of a list": (text) => get(`/v1/ops/unprocessable?limit=${inQuery(text)}`),
  "id of a picture": (text) => get(`/v1/ops/unprocessable/${inPath(text)}/picture`),
  "form of a picture": (text) => get(`/v1/ops/unprocessable/${"x".repeat(22)}/picture?form=${inQuery(text)}`),
  "reason of a scope": (reason) => post("redrive/preview", { scope: { kind: "reason", reason } }),
  "id in a scope": (id) => post("redrive/preview", { scope: { kind: "some", ids: [id] } }),
  "kind of a scope": (kind) => post("redrive/preview", { scope: { kind } }),
  "why of a redrive": (why) => post("redrive", { scope: all, pastDeadline: "skip", asOf, count: 1, why }),
  "time of a redrive": (text) => post("redrive", { scope: all, asOf: text, count: 1, why: "x" }),
  "why of a change": async (why) =>
    post("tuning", { version: await version(), stages: { infer: { min: (await version()) + 1 } }, why }),
  "stage of a change": async (stage) =>
    post("tuning", { version: await version(), stages: { [stage]: { min: 1 } }, why: "x" }),
  "field of a change": async (field) =>
    post("tuning/preview", { version: await version(), stages: { infer: { [field]: 1 } } }),
  "value of a change": async (value) =>
    post("tuning/preview", { version: await version(), stages: { infer: { concurrency: value } } }),
  "why of a restore": (why) => post("tuning/restore", { version: 0, restore: 0, why }),
  "queue of the board": (text) => get(`/ops/queues/api/queues/${inPath(text)}/workers`),
  "job of the board": (text) => get(`/ops/queues/api/queues/infer/${inPath(text)}`),
  "page of the board": (text) => get(`/ops/queues/api/queues?activeQueue=${inQuery(text)}&page=${inQuery(text)}`),
  "file of the board": (text) => get(`/ops/queues/static/${inPath(text)}`),
};

describe.each(Object.entries(fields))("%s", (_, fill) => {
  test.each(Object.entries(hostile))("takes %s as text, or refuses it", async (_, text) => {
    const answer = await fill(text);
    expect(answer.statusCode, answer.body.slice(0, 500)).toBeLessThan(500);
    expect(answer.headers["content-type"]).not.toMatch(/html/);
  });
});

test("numbers beyond all sense are refused, and no error", async () => {
  for (const number of [2 ** 31, 2 ** 53, -1, 1e300, 0.5, Number.NaN]) {
    const answers = [
      await get(`/v1/ops/history?after=${number}`),
      await get(`/v1/ops/unprocessable?limit=${number}`),
      await get(`/v1/ops/tuning/log?limit=${number}`),
      await post("tuning", { version: number, stages: {}, why: "x" }),
      await post("tuning", { version: 0, stages: { infer: { concurrency: number } }, why: "x", tryMs: number }),
      await post("tuning/restore", { version: 0, restore: number, why: "x" }),
      await post("redrive", { scope: all, pastDeadline: "skip", asOf, count: number, why: "x" }),
    ];
    for (const { statusCode, body } of answers) expect(statusCode, `${number}: ${body}`).toBeLessThan(500);
  }
});

test("what captures carry comes back as it was sent, and only as JSON", async () => {
  const texts = Object.values(hostile).filter((text) => text.length <= 256 && text.isWellFormed());
  const pipeline = ops.redis.pipeline();
  for (const text of texts) {
    const verdict = flagged(text, text, {
      attributes: { title: text },
      imageUri: `https://pictures.example/${script}`,
    });
    const failed = { verdict: "unprocessable", reason: "not-found", detail: text } as const;
    addUnprocessable(pipeline, [unprocessableOf({ ...verdict, ...failed }, null)]);
  }
  await pipeline.exec();
  const answer = await get("/v1/ops/unprocessable");
  expect(answer.headers).toMatchObject({
    "content-type": "application/json; charset=utf-8",
    "x-content-type-options": "nosniff",
  });
  const { items }: UnprocessablePage = answer.json();
  expect(items.map(({ captureId }) => captureId)).toEqual(texts.toReversed());
  expect(items.map(({ attributes }) => attributes.title)).toEqual(texts.toReversed());
  expect((await post("redrive/preview", { scope: all, pastDeadline: "redrive" })).statusCode).toBe(200);
});

test("what another release, or nobody, wrote into Redis is passed over", async () => {
  await ops.redis.lpush("briareus:unprocessable", '{"v":2}', "[]");
  await ops.redis.set("briareus:scaling", '{"v":9}');
  await ops.redis.set("briareus:ops", '{"assessment":{}}');
  expect((await get("/v1/ops/unprocessable")).statusCode).toBe(200);
  expect((await get("/v1/ops/state")).json()).toMatchObject({ code: "unavailable" });
  await ops.ops.sampler.start();
  await expect.poll(() => get("/v1/ops/state").then(({ statusCode }) => statusCode)).toBe(200);
});
