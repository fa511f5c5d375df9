import { expect, test } from "vitest";
import { decide, type PoolHistory, type PoolLoad, type Situation } from "../../src/scaling/rule.ts";
import { idle, limits } from "../scaling.ts";

const nowMs = 1_000_000;
/** A pool that is watched for longer than the window and needed so many all the time. */
const steady = (replicas: number): PoolHistory => ({
  sinceMs: nowMs - 60_000,
  wanted: Array.from({ length: 30 }, (_, index) => ({ atMs: nowMs - 30_000 + index * 1_000, replicas })),
  raisedAtMs: nowMs - 60_000,
});
const answer = (load: Partial<PoolLoad>, situation: Partial<Situation> = {}) => {
  const { replicas, reason } = decide(
    { ...idle, ...load },
    { replicas: 1, limits, history: steady(1), nowMs, ...situation },
  );
  return [replicas, reason];
};

test("a pool grows to what is there and what comes, within the goal", () => {
  expect(answer({ waiting: 600, arrivalsPerSecond: 160 })).toEqual([
    4,
    "600 captures and 160/s more need 4 at 20 ms each: 1 → 4",
  ]);
});

test("captures that flow control keeps back count as if they were on the queue", () => {
  expect(answer({ heldBack: 1_200 })[0]).toBe(4);
  expect(answer({ heldBack: 1_200 })).toEqual(answer({ waiting: 1_200 }));
});

test("a pool ends at its maximum and says what would be needed", () => {
  const load = { waiting: 9_000 };
  expect(answer(load)).toEqual([10, "9000 captures and 0/s more need 30 at 20 ms each, 10 is the maximum: 1 → 10"]);
  expect(answer(load, { replicas: 10 })).toEqual([
    10,
    "at the maximum of 10: 9000 captures and 0/s more need 30 at 20 ms each",
  ]);
});

test("captures that wait longer than the goal double the pool, whatever the service time says", () => {
  const late = { waiting: 100, oldestAgeMs: 4_100, alive: 2 };
  expect(answer(late, { replicas: 2 })).toEqual([4, "age 4.1 s over the 3 s goal: 2 → 4"]);
});

test("a pool whose captures are late neither shrinks nor doubles while its last workers start, or have just started", () => {
  const late = { waiting: 100, oldestAgeMs: 4_100, alive: 1 };
  expect(answer(late, { replicas: 2 })).toEqual([2, "age 4.1 s over the 3 s goal, 2 catch up"]);
  const raised = { ...steady(2), raisedAtMs: nowMs - 1_000 };
  expect(answer({ ...late, alive: 2 }, { replicas: 2, history: raised })[0]).toBe(2);
});

test("late captures double a large pool though a tenth of it does not run: an HPA would never start that", () => {
  const situation = { replicas: 11, limits: { ...limits, max: 40 } };
  expect(answer({ waiting: 100, oldestAgeMs: 4_100, alive: 10 }, situation)[0]).toBe(22);
  expect(answer({ waiting: 100, oldestAgeMs: 4_100, alive: 9 }, situation)[0]).toBe(11);
});

test("a pool shrinks when less was enough for the whole window, to the most that was needed in it", () => {
  expect(answer({}, { replicas: 5, history: steady(2) })).toEqual([2, "2 were enough for 30 s: 5 → 2"]);
  expect(answer({}, { replicas: 5, history: { ...steady(2), sinceMs: nowMs - 29_000 } })).toEqual([
    5,
    "0 would do; fewer only after 30 s",
  ]);
  expect(answer({}, { replicas: 5, history: steady(5) })).toEqual([5, "5 were needed in the last 30 s"]);
});

test("an idle pool stays at its minimum, which may be none", () => {
  expect(answer({})).toEqual([1, "at the minimum of 1"]);
  const none = { limits: { ...limits, min: 0 }, history: steady(0) };
  expect(answer({}, none)).toEqual([0, "nothing was there for 30 s: 1 → 0"]);
  expect(answer({}, { ...none, replicas: 0 })).toEqual([0, "nothing is there"]);
});

test("a delayed capture keeps a worker, since only a worker puts it back on the queue", () => {
  const none = { limits: { ...limits, min: 0 }, history: steady(0), replicas: 0 };
  expect(answer({ later: 1 }, none)).toEqual([1, "1 delayed captures need 1: 0 → 1"]);
});

test("nothing moves while the queue is paused, and a pause is no reason to shrink after it", () => {
  expect(answer({ waiting: 9_000, paused: true }, { replicas: 3, history: steady(0) })).toEqual([
    3,
    "held: the queue is paused",
  ]);
  const situation = { replicas: 3, limits, history: steady(1), nowMs };
  const paused = decide({ ...idle, paused: true }, situation);
  expect(answer({}, { replicas: 3, history: paused.history, nowMs: nowMs + 1_000 })[0]).toBe(3);
});

test("a pool does not grow while the stage after it is saturated, but has one worker", () => {
  const saturatedNext = "infer";
  expect(answer({ waiting: 600 }, { saturatedNext })).toEqual([1, "held: infer is saturated (2 would be needed)"]);
  expect(answer({ waiting: 600 }, { saturatedNext, replicas: 0, limits: { ...limits, min: 0 } })[0]).toBe(1);
  expect(answer({}, { saturatedNext, replicas: 3 })[0]).toBe(1);
});

test("a pool is saturated when its maximum is not enough", () => {
  const saturated = (load: Partial<PoolLoad>, replicas = 10) =>
    decide({ ...idle, ...load }, { replicas, limits, history: steady(10), nowMs }).saturated;
  expect(saturated({ waiting: 9_000 })).toBe(true);
  expect(saturated({ waiting: 100, oldestAgeMs: 3_001 })).toBe(true);
  expect(saturated({ waiting: 100 })).toBe(false);
  expect(saturated({ waiting: 1_000 }, 1)).toBe(false);
  expect(saturated({ waiting: 9_000, paused: true })).toBe(false);
});

test("limits that changed hold at once", () => {
  expect(answer({}, { replicas: 12, history: steady(12) })).toEqual([10, "the limits are 1 to 10: 12 → 10"]);
  expect(answer({}, { replicas: 0 })).toEqual([1, "the limits are 1 to 10: 0 → 1"]);
});

test("a scaler that was away begins its window anew", () => {
  const old = { ...steady(1), wanted: [{ atMs: nowMs - 40_000, replicas: 1 }] };
  expect(answer({}, { replicas: 4, history: old })[0]).toBe(4);
});
