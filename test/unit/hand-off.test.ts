import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Concluded, type InFlight } from "../../src/capture/item.ts";
import { reasonCodes } from "../../src/capture/reasons.ts";
import { type AnyItem, newBatchId, partId } from "../../src/pipeline/job.ts";
import { conclude, type Routes, route, type Settled } from "../../src/pipeline/routes.ts";
import type { Outcome } from "../../src/pipeline/stage.ts";
import { type StageName, stageNames, stages } from "../../src/pipeline/stages.ts";
import { inFlight, receivedAtMs } from "../items.ts";

const clock = { startedAtMs: receivedAtMs + 10, nowMs: receivedAtMs + 30, random: () => 0.5 };
/** The routes of a batch all of whose captures are settled at once. */
const routesOf = (stage: StageName, settled: readonly Settled<InFlight>[], batchId = "b-1") =>
  route(stage, batchId, settled, { ...clock, batchSize: settled.length });
const done = (item: InFlight): Settled<InFlight> => ({ item, outcome: { kind: "done", value: item } });
const retry = (item: InFlight, more: object = {}): Settled<InFlight> => ({
  item,
  outcome: { kind: "retry", reason: "host-timeout", ...more },
});
const reject = (item: InFlight): Settled<InFlight> => ({
  item,
  outcome: { kind: "reject", verdict: "unprocessable", reason: "not-found", detail: "404" },
});

const idsOf = (batches: readonly { items: readonly AnyItem[] }[]) =>
  batches.flatMap(({ items }) => items.map(({ capture }) => capture.captureId));

describe("after a stage", () => {
  test("a batch that is done as a whole goes on under its own id", () => {
    const { next, again, rejected } = routesOf("fetch", [done(inFlight("a")), done(inFlight("b"))]);
    expect(next).toHaveLength(1);
    expect(next[0]?.batchId).toBe("b-1");
    expect([again, rejected]).toEqual([[], []]);
  });

  test("what is finished while others of its batch still run goes on under ids of its own", () => {
    const early = route("fetch", "b-1", [done(inFlight("a"))], { ...clock, batchSize: 2 });
    const late = route("fetch", "b-1", [done(inFlight("b"))], { ...clock, batchSize: 2 });
    expect(new Set(["b-1", early.next[0]?.batchId, late.next[0]?.batchId]).size).toBe(3);
  });

  test("captures that are done leave without their spent attempts and with the stage's times", () => {
    const { next } = routesOf("fetch", [done(inFlight("a", { attempt: 3 }))]);
    expect(next[0]?.items[0]).toMatchObject({
      attempt: 0,
      times: { receivedAtMs, fetch: { startedAtMs: clock.startedAtMs, finishedAtMs: clock.nowMs } },
    });
  });

  test("each capture of a mixed batch goes its own way", () => {
    const settled = [done(inFlight("good")), retry(inFlight("slow")), reject(inFlight("gone"))];
    const routes = routesOf("fetch", settled);
    expect(idsOf(routes.next)).toEqual(["good"]);
    expect(idsOf(routes.again)).toEqual(["slow"]);
    expect(idsOf(routes.rejected)).toEqual(["gone"]);
    expect(routes.rejected[0]?.items[0]?.result).toEqual({
      kind: "rejected",
      verdict: "unprocessable",
      reason: "not-found",
      detail: "404",
    });
  });

  test("a part of a batch has an id of its own, the same when it is handed on twice", () => {
    const settled = [done(inFlight("good")), retry(inFlight("slow"))];
    const [first, second] = [routesOf("fetch", settled), routesOf("fetch", settled)];
    expect(first.next[0]?.batchId).not.toBe("b-1");
    expect(first.next[0]?.batchId).toBe(second.next[0]?.batchId);
  });

  test("what postprocess has settled goes nowhere", () => {
    const settled = [{ item: inFlight("a"), outcome: { kind: "done", value: null } as const }];
    expect(routesOf("postprocess", settled)).toEqual({ next: [], again: [], rejected: [] });
  });
});

describe("a capture to be tried again", () => {
  test("waits for the stage's back-off and has spent an attempt", () => {
    const { again } = routesOf("fetch", [retry(inFlight("a", { attempt: 1 }))]);
    expect(again[0]?.items[0]?.attempt).toBe(2);
    expect(again[0]?.delayMs).toBe(750); // 500 ms doubled once, three quarters of it.
  });

  test("waits as long as its host asked", () => {
    const { again } = routesOf("fetch", [retry(inFlight("a"), { afterMs: 7_000 })]);
    expect(again[0]?.delayMs).toBe(7_000);
  });

  test("waits no longer than until just past its deadline, where it leaves as expired", () => {
    const late = inFlight("a", { deadlineAtMs: clock.nowMs + 100 });
    expect(routesOf("fetch", [retry(late, { afterMs: 7_000 })]).again[0]?.delayMs).toBe(101);
    const over = inFlight("a", { deadlineAtMs: clock.nowMs - 5_000 });
    expect(routesOf("fetch", [retry(over, { afterMs: 7_000 })]).again[0]?.delayMs).toBe(0);
  });

  test("spends no attempt when it is not to blame", () => {
    const last = inFlight("a", { attempt: stages.infer.attempts - 1 });
    const { again, rejected } = routesOf("infer", [retry(last, { free: true, afterMs: 1_000 })]);
    expect(again[0]?.items[0]?.attempt).toBe(last.attempt);
    expect(rejected).toEqual([]);
  });

  test("leaves as unprocessable with its last reason when its attempts are spent", () => {
    const last = inFlight("a", { attempt: stages.fetch.attempts - 1 });
    const { again, rejected } = routesOf("fetch", [retry(last, { detail: "no answer in 10 s" })]);
    expect(again).toEqual([]);
    expect(rejected[0]?.items[0]?.result).toEqual({
      kind: "rejected",
      verdict: "unprocessable",
      reason: "host-timeout",
      detail: "no answer in 10 s; gave up after 5 attempts",
    });
  });

  test("is tried for ever at the one exit", () => {
    const old = inFlight("a", { attempt: 100_000 });
    const { again, rejected } = routesOf("postprocess", [retry(old)]);
    expect(idsOf(again)).toEqual(["a"]);
    expect(rejected).toEqual([]);
  });

  test("shares a batch with those of its batch that wait equally long", () => {
    const settled = [
      retry(inFlight("a")),
      retry(inFlight("b")),
      retry(inFlight("c"), { afterMs: 9_000 }),
      retry(inFlight("d", { attempt: 1 })),
    ];
    const { again } = routesOf("fetch", settled);
    expect(again.map(({ items }) => idsOf([{ items }]))).toEqual([["a", "b"], ["c"], ["d"]]);
    expect(new Set(again.map(({ batchId }) => batchId)).size).toBe(3);
  });
});

const outcomeOf = (item: InFlight): fc.Arbitrary<Outcome<InFlight>> =>
  fc.oneof(
    fc.constant({ kind: "done", value: item } as const),
    fc.record({
      kind: fc.constant("retry" as const),
      reason: fc.constantFrom(...reasonCodes),
      afterMs: fc.option(fc.nat(100_000), { nil: undefined }),
      free: fc.option(fc.boolean(), { nil: undefined }),
    }),
    fc.record({
      kind: fc.constant("reject" as const),
      verdict: fc.constantFrom("unprocessable" as const, "expired" as const),
      reason: fc.constantFrom(...reasonCodes),
    }),
  );

const settledBatch: fc.Arbitrary<Settled<InFlight>[]> = fc
  .uniqueArray(
    fc.record({ id: fc.string({ minLength: 1 }), attempt: fc.nat(6), leftMs: fc.integer({ max: 60_000 }) }),
    {
      selector: ({ id }) => id,
      minLength: 1,
      maxLength: 16,
    },
  )
  .map((list) => list.map(({ id, attempt, leftMs }) => inFlight(id, { attempt, deadlineAtMs: clock.nowMs + leftMs })))
  .chain((items) => fc.tuple(...items.map((item) => outcomeOf(item).map((outcome) => ({ item, outcome })))));

const everyBatch = (check: (stage: StageName, settled: Settled<InFlight>[], routes: Routes) => void) =>
  fc.assert(
    fc.property(fc.constantFrom(...stageNames), settledBatch, (stage, settled) => {
      check(stage, settled, routesOf(stage, settled, newBatchId()));
    }),
  );

describe("of any batch", () => {
  test("every capture leaves by exactly one door", () => {
    everyBatch((_, settled, { next, again, rejected }) => {
      const left = [...idsOf(next), ...idsOf(again), ...idsOf(rejected)];
      expect(left.toSorted()).toEqual(settled.map(({ item }) => item.capture.captureId).toSorted());
    });
  });

  test("the batches are ones that BullMQ takes: named apart, not empty, delays of whole milliseconds", () => {
    everyBatch((_, __, { next, again, rejected }) => {
      const batches = [...next, ...again, ...rejected];
      expect(new Set(batches.map(({ batchId }) => batchId)).size).toBe(batches.length);
      for (const batch of batches) {
        expect(batch.batchId).toMatch(/^(?!\d+$)[^:]+$/);
        expect(batch.items.length).toBeGreaterThan(0);
        const delayMs = "delayMs" in batch ? batch.delayMs : 0;
        expect(Number.isInteger(delayMs) && Number(delayMs) >= 0).toBe(true);
      }
    });
  });

  test("no capture waits past its deadline", () => {
    everyBatch((_, __, { again }) => {
      for (const { items, delayMs = 0 } of again) {
        for (const item of items) expect(delayMs).toBeLessThanOrEqual(Math.max(0, item.deadlineAtMs - clock.nowMs + 1));
      }
    });
  });

  test("what is rejected is what postprocess takes", () => {
    everyBatch((_, __, { rejected }) => {
      for (const { items } of rejected) for (const item of items) expect(Concluded.parse(item)).toEqual(item);
    });
  });
});

test("a concluded capture keeps its picture and loses its tensors", () => {
  const image = { blob: "file:1", bytes: 3, type: "image/png" };
  const item = { ...inFlight("a"), image, tensors: [{ spec: "s", blob: "t", row: 0, rows: 1 }] };
  const concluded = conclude(item, { kind: "rejected", verdict: "expired", reason: "deadline-exceeded" });
  expect(concluded.image).toEqual(image);
  expect(concluded).not.toHaveProperty("tensors");
});

test("a part's id tells captures, order and purpose apart, and fits behind any batch id", () => {
  const [a, b] = [inFlight("a"), inFlight("b")];
  const ids = [
    partId("b-1", [a, b], "done"),
    partId("b-1", [b, a], "done"),
    partId("b-1", [a], "done"),
    partId("b-1", [inFlight("ab")], "done"),
    partId("b-1", [a], "rej"),
    partId("b-2", [a], "done"),
  ];
  expect(new Set(ids).size).toBe(ids.length);
  const grown = Array.from({ length: 50 }).reduce<string>((id) => partId(id, [a], "solo"), newBatchId());
  expect(grown.length).toBeLessThan(60);
});
