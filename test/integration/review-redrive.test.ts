/** Captures that could not be processed, over HTTP: who sees them, who sees their pictures, and sending them again. */
import sharp from "sharp";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { redriveOf } from "../../src/capture/redrive.ts";
import type { Verdict } from "../../src/capture/verdict.ts";
import { addUnprocessable, type Unprocessable, unprocessableOf } from "../../src/pipeline/unprocessable.ts";
import type { RedrivePreview, UnprocessablePage } from "../../src/review/contract/ops-failures.ts";
import { flagged } from "../review.ts";
import type { Caller } from "../review-api.ts";
import { startReviewOps, type TestOps } from "../review-ops.ts";

let ops: TestOps;
beforeAll(async () => {
  ops = await startReviewOps({ sampling: false });
});
afterAll(() => ops[Symbol.asyncDispose]());
beforeEach(async () => {
  await ops.redis.flushall();
  ops.api.published.length = 0;
  ops.api.publishedCaptures.length = 0;
  ops.api.refuse.clear();
});

/** Puts failures there, as postprocess does; the last one is the newest. */
async function fail(captureIds: readonly string[], facts: Partial<Verdict> = {}, picture?: Unprocessable["picture"]) {
  const failures = captureIds.map((captureId, index) => {
    const takenAtMs = Date.now() - 5_000 + index;
    const verdict = flagged(`stream of ${captureId}`, captureId, { takenAtMs, findings: [], review: "none" });
    const rejected = { verdict: "unprocessable", reason: "not-found", detail: "404 of the host" } as const;
    return unprocessableOf({ ...verdict, ...rejected, ...facts }, picture ?? null);
  });
  const pipeline = ops.redis.pipeline();
  addUnprocessable(pipeline, failures);
  await pipeline.exec();
  return failures;
}
const page = async (query = ""): Promise<UnprocessablePage> =>
  (await ops.key("GET", `/v1/ops/unprocessable${query}`)).json();
const preview = async (scope: unknown, pastDeadline = "skip"): Promise<RedrivePreview> =>
  (await ops.key("POST", "/v1/ops/redrive/preview", { scope, pastDeadline })).json();
const all = { kind: "all" };

describe("the list", () => {
  test("is newest first, of one reason or all, a page at a time, with how many there are of each", async () => {
    await fail(["a", "b", "c"]);
    await fail(["d"], { reason: "image-corrupt" });
    const first = await page("?limit=2");
    expect(first.items.map(({ captureId }) => captureId)).toEqual(["d", "c"]);
    expect(first).toMatchObject({ total: 4, reasons: { "not-found": 3, "image-corrupt": 1 } });
    const second = await page(`?limit=2&cursor=${first.next}`);
    expect(second).toMatchObject({ items: [{ captureId: "b" }, { captureId: "a" }], next: null });
    expect((await page("?reason=not-found")).items.map(({ captureId }) => captureId)).toEqual(["c", "b", "a"]);
    expect(second.items[0]).toMatchObject({
      streamId: "stream of b",
      reason: "not-found",
      detail: "404 of the host",
      picture: "none",
      redriveOf: null,
      redriven: null,
      cannotRedrive: null,
    });
  });

  test("refuses a cursor of another list in words", async () => {
    await fail(["a"]);
    expect((await ops.key("GET", "/v1/ops/unprocessable?cursor=abc")).json()).toMatchObject({ code: "invalid" });
  });
});

describe("a picture", () => {
  const kept = async (bytes: Buffer) => ({
    blob: await ops.blobs.put(bytes, { ttlMs: 60_000 }),
    untilMs: Date.now() + 60_000,
  });
  const deliveries = () =>
    ops.api.review.context.db
      .selectFrom("activity")
      .select(["actor", "details"])
      .where("kind", "=", "picture-delivered")
      .execute();

  test("goes to moderators who have the scope ops, is made anew, and is in the activity log", async () => {
    const original = await sharp({ create: { width: 64, height: 48, channels: 3, background: "#456" } })
      .png()
      .toBuffer();
    const [failure] = await fail(["shown"], {}, await kept(original));
    expect((await page()).items[0]?.picture).toBe("available");
    const answer = await ops.person("GET", `/v1/ops/unprocessable/${failure?.id}/picture`);
    expect([answer.statusCode, answer.headers["content-type"]]).toEqual([200, "image/jpeg"]);
    expect(await sharp(answer.rawPayload).metadata()).toMatchObject({ format: "jpeg", width: 64, height: 48 });
    expect(await deliveries()).toEqual([
      { actor: `user:${ops.person.id}`, details: expect.objectContaining({ captureId: "shown", form: "sharp" }) },
    ]);
  });

  test("goes to nobody who only moderates, only has the scope, or is a machine", async () => {
    const [failure] = await fail(["hidden"], {}, await kept(Buffer.from("x")));
    const path = `/v1/ops/unprocessable/${failure?.id}/picture`;
    const before = (await deliveries()).length;
    const callers = [await ops.api.person("lead"), await ops.api.person("viewer", undefined, ["ops"]), ops.key];
    for (const caller of callers) expect((await caller("GET", path)).json().code).toBe("forbidden");
    expect(await deliveries()).toHaveLength(before);
  });

  test("that is gone, or is none, is said to be gone", async () => {
    const [gone] = await fail(["gone"], {}, { blob: (await kept(Buffer.from("x"))).blob, untilMs: Date.now() - 1 });
    const [none] = await fail(["none"]);
    const [broken] = await fail(["broken"], {}, await kept(Buffer.from("\xff\xd8\xffnot really", "latin1")));
    const swept = await kept(Buffer.from("y"));
    const [missing] = await fail(["missing"], {}, swept);
    await ops.blobs.delete([swept.blob]);
    for (const failure of [gone, none, broken, missing]) {
      const answer = await ops.person("GET", `/v1/ops/unprocessable/${failure?.id}/picture`);
      expect(answer.json().code).toBe("picture-gone");
    }
    const unknown = await ops.person("GET", `/v1/ops/unprocessable/${"x".repeat(22)}/picture`);
    expect(unknown.json().code).toBe("not-found");
  });
});

describe("a redrive", () => {
  const redrive = (request: object, caller: Caller = ops.key) =>
    caller("POST", "/v1/ops/redrive", { pastDeadline: "skip", why: "the host is back", ...request });

  test("publishes what the preview said as new captures, marks it, and is in the activity log", async () => {
    const failures = await fail(["a", "b"]);
    await fail(["c"], { reason: "image-corrupt" });
    const scope = { kind: "reason", reason: "not-found" };
    const { asOf, count, words } = await preview(scope);
    expect([count, words]).toEqual([2, expect.stringContaining("2 captures of 2 streams")]);
    expect(ops.api.published).toEqual([]);
    const answer = await redrive({ scope, asOf, count }, ops.person);
    expect(answer.json()).toEqual({ published: 2, failed: 0 });
    expect(ops.api.publishedCaptures.map(({ attributes }) => attributes?.[redriveOf]).toSorted()).toEqual(["a", "b"]);
    const marked = (await page("?reason=not-found")).items.map(({ redriven }) => redriven?.captureId);
    expect(marked.toSorted()).toEqual(ops.api.published.toSorted());
    const line = await ops.api.review.context.db
      .selectFrom("activity")
      .select(["actor", "details"])
      .where("kind", "=", "captures-redriven")
      .executeTakeFirstOrThrow();
    expect(line).toEqual({
      actor: `user:${ops.person.id}`,
      details: {
        scope,
        why: "the host is back",
        pastDeadline: "skip",
        published: 2,
        failed: 0,
        reasons: { "not-found": 2 },
      },
    });
    expect((await preview(scope)).redrivenBefore).toBe(failures.length);
  });

  test("of a scope that has changed since the preview is refused, and publishes nothing", async () => {
    const [failure] = await fail(["a", "b"]);
    const { asOf, count } = await preview(all);
    await redrive({ scope: { kind: "some", ids: [failure?.id] }, asOf, count: 1 });
    ops.api.published.length = 0;
    const answer = await redrive({ scope: all, asOf, count });
    expect(answer.json()).toMatchObject({ code: "conflict", detail: expect.stringContaining("said 2") });
    expect(ops.api.published).toEqual([]);
  });

  test("leaves out what failed after the preview", async () => {
    await fail(["a"], { decidedAtMs: Date.now() - 1_000 });
    const { asOf, count } = await preview(all);
    await fail(["b"], { decidedAtMs: Date.now() + 60_000 });
    expect((await redrive({ scope: all, asOf, count })).json()).toEqual({ published: 1, failed: 0 });
    expect(ops.api.publishedCaptures.map(({ attributes }) => attributes?.[redriveOf])).toEqual(["a"]);
  });

  test("that Pub/Sub takes only in part says so, and the rest can be redriven again", async () => {
    await fail(["a", "b"]);
    const first = await preview(all);
    const failedAt = (await page()).items.find(({ captureId }) => captureId === "b")?.failedAt ?? "";
    ops.api.refuse.add(`b~${Date.parse(failedAt).toString(36)}`);
    expect((await redrive({ scope: all, asOf: first.asOf, count: 2 })).json()).toEqual({ published: 1, failed: 1 });
    ops.api.refuse.clear();
    const { asOf, count } = await preview(all);
    expect(count).toBe(1);
    expect((await redrive({ scope: all, asOf, count })).json()).toEqual({ published: 1, failed: 0 });
    expect(ops.api.publishedCaptures.map(({ attributes }) => attributes?.[redriveOf])).toEqual(["a", "b"]);
  });

  test("needs a reason, and the scope ops", async () => {
    await fail(["a"]);
    const { asOf, count } = await preview(all);
    expect((await redrive({ scope: all, asOf, count, why: "  " })).json().code).toBe("invalid");
    const lead = await ops.api.person("lead");
    expect((await redrive({ scope: all, asOf, count }, lead)).json().code).toBe("forbidden");
    const crossSite = await ops.person(
      "POST",
      "/v1/ops/redrive",
      { scope: all, pastDeadline: "skip", asOf, count, why: "x" },
      { "x-csrf-token": "" },
    );
    expect(crossSite.json().code).toBe("csrf-failed");
    expect(ops.api.published).toEqual([]);
  });
});
