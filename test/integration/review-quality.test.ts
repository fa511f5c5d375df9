/** Figures of quality, counted by hand and by the database. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { PersonActor } from "../../src/review/access/actor.ts";
import { Quality } from "../../src/review/contract/quality.ts";
import { readQuality } from "../../src/review/quality/read-quality.ts";
import { startReview, type TestReview } from "../review.ts";
import { addDecision, addFrames, addIncident } from "../review-rows.ts";

let review: TestReview;
let moderator: PersonActor;
/** The moment that all times below count from. */
const startMs = Date.UTC(2026, 10, 2, 23, 0);
const at = (seconds: number) => new Date(startMs + seconds * 1_000);
const violation = { outcome: "violation", category: "pornography", action: "warn" } as const;
const none = { outcome: "no-violation" } as const;

/** An incident whose first flagged frame was taken at 0 s, went through the pipeline in 2 s, and was then decided. */
async function decidedIncident(
  decisions: readonly Parameters<typeof addDecision>[3][],
  columns: Parameters<typeof addIncident>[1] = {},
  shownAt: Date | null = null,
) {
  const id = await addIncident(review.context, { state: "closed", target_at: at(60), ...columns });
  await addFrames(review.context, id, [
    { kind: "before", captured_at: at(-9), decided_at: at(-8) },
    { kind: columns.kind === "sampled" ? "sampled" : "flagged", captured_at: at(0), decided_at: at(2) },
    { kind: "context", captured_at: at(3), decided_at: at(4) },
  ]);
  for (const decision of decisions) await addDecision(review.context, id, moderator, decision, shownAt);
}

const read = async (query: Parameters<typeof readQuality>[1] = {}) =>
  Quality.parse(
    await readQuality(review.context, {
      from: at(-3_600).toISOString(),
      to: at(86_400).toISOString(),
      ...query,
    }),
  );

beforeAll(async () => {
  review = await startReview();
  moderator = await review.addUser("Mo");
  const on = (second: number, handling_ms: number | null = 5_000) => ({ decided_at: at(second), handling_ms });
  await decidedIncident([{ ...violation, ...on(20) }]);
  await decidedIncident([{ ...violation, ...on(30) }]);
  await decidedIncident([{ ...none, ...on(40) }]);
  // Something is wrong with it, but not what the model said.
  await decidedIncident([{ ...violation, category: "suggestive", ...on(100) }]);
  // Undone, then decided otherwise; reopened, then decided otherwise; reopened and waiting.
  await decidedIncident([
    { ...none, ...on(10), undone_at: at(12) },
    { ...violation, ...on(50) },
  ]);
  await decidedIncident([
    { ...none, ...on(60), superseded_at: at(70) },
    { ...violation, ...on(80_000) },
  ]);
  await decidedIncident([{ ...none, ...on(61), superseded_at: at(70) }], { state: "open" });
  // Nothing that a person saw.
  await decidedIncident([{ ...none, ...on(31), bulk: true }]);
  await decidedIncident([{ ...none, ...on(32), without_picture: true }]);
  // Another policy, model, severity; handled since it was shown.
  const other = {
    policy_version: "p2",
    model: "m2",
    model_version: "7",
    category: "violence",
    severity: "low",
  } as const;
  await decidedIncident([{ ...violation, category: "violence", ...on(70, null) }], other, at(58));
  // Drawn at random, and one before the span.
  await decidedIncident([{ ...violation, ...on(20) }], { kind: "sampled", severity: "low" });
  await decidedIncident([{ ...none, ...on(20) }], { kind: "sampled", severity: "low" });
  await decidedIncident([{ ...none, ...on(-7_200) }]);
});
afterAll(() => review.close());

test("precision counts decisions that stand, where a person saw the picture and confirmed the category", async () => {
  const { precision } = await read();
  expect(precision).toMatchObject([
    {
      category: "pornography",
      model: "nsfw",
      modelVersion: "1",
      policyVersion: "nsfw-1",
      confirmed: { count: 4, of: 6, share: 4 / 6 },
    },
    { category: "violence", model: "m2", modelVersion: "7", policyVersion: "p2", confirmed: { count: 1, of: 1 } },
  ]);
});

test("times are those up to the first decision, and split into pipeline, waiting and handling", async () => {
  const { times } = await read();
  expect(times.map(({ severity }) => severity)).toEqual(["low", "medium", "high", "severe"]);
  const [low, medium, , severe] = times;
  expect(low).toEqual({
    severity: "low",
    pipeline: { p50Ms: 2_000, p95Ms: 2_000, count: 1 },
    waiting: { p50Ms: 56_000, p95Ms: 56_000, count: 1 },
    handling: { p50Ms: 12_000, p95Ms: 12_000, count: 1 },
    total: { p50Ms: 70_000, p95Ms: 70_000, count: 1 },
  });
  expect(medium?.total).toEqual({ p50Ms: null, p95Ms: null, count: 0 });
  // 20, 30, 40, 50, 60, 61 and 100 s.
  expect(severe?.total).toMatchObject({ p50Ms: 50_000, count: 7 });
  expect(severe?.total.p95Ms).toBeCloseTo(61_000 + 0.7 * 39_000, 3);
  expect(severe?.waiting).toMatchObject({ p50Ms: 43_000, count: 7 });
});

test("targets are met by first decisions in time, bulk ones among them", async () => {
  const { targets } = await read();
  expect(targets.map(({ severity, met }) => [severity, met.count, met.of])).toEqual([
    ["low", 0, 1],
    ["medium", 0, 0],
    ["high", 0, 0],
    // 20, 30, 31, 32, 40, 50 and 60 s; not 61 and 100 s.
    ["severe", 7, 9],
  ]);
});

test("what was missed is told by the captures drawn at random", async () => {
  const { missed } = await read();
  expect(missed).toMatchObject([{ policyVersion: "nsfw-1", violations: { count: 1, of: 2, share: 0.5 } }]);
});

test("days are those of UTC", async () => {
  const { days } = await read();
  expect(days).toEqual([
    { day: "2026-11-02", confirmed: 6, dismissed: 4 },
    { day: "2026-11-03", confirmed: 1, dismissed: 0 },
  ]);
});

test("figures are of the policy and model asked for, and name all that could be", async () => {
  for (const query of [{ policyVersion: "p2" }, { model: "m2" }]) {
    const quality = await read(query);
    expect(quality.precision.map(({ category }) => category)).toEqual(["violence"]);
    expect(quality.missed).toEqual([]);
    expect(quality.policyVersions).toEqual(["nsfw-1", "p2"]);
    expect(quality.models).toEqual(["m2", "nsfw"]);
  }
  expect((await read({ model: "\0" })).precision).toEqual([]);
});

test("the span is the last seven days unless another is asked for, and has to have a length", async () => {
  const { context } = review;
  const span = await readQuality(context, {});
  expect([span.from, span.to]).toEqual([7 * 86_400_000, 0].map((ms) => new Date(context.now() - ms).toISOString()));
  await expect(read({ to: at(-3_600).toISOString() })).rejects.toMatchObject({ code: "invalid" });
});
