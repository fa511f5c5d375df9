/** How the comparison with the monolith loads a system, and when it calls that load too much. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findLimit } from "../../bench/peers/find-limit.ts";
import { poissonArrivals } from "../../bench/peers/load/arrivals.ts";
import { type Answer, openLoop } from "../../bench/peers/load/open-loop.ts";
import { summaryOf } from "../../bench/peers/load/summary.ts";

const clean: Answer = { verdict: "clean", scores: {} };

/** What a single server would do that takes so long for each capture, one after the other. */
function served(arrivalsMs: readonly number[], eachMs: number, delayMs = 0) {
  let freeAtMs = 0;
  return arrivalsMs.map((atMs) => {
    freeAtMs = Math.max(freeAtMs, atMs) + eachMs;
    return { atMs, answeredAtMs: freeAtMs + delayMs };
  });
}

describe("arrivals", () => {
  test("come at the rate, at moments that are the same for the same seed", () => {
    const arrivals = poissonArrivals(200, 50, 7);
    expect(arrivals.length).toBeGreaterThan(9_500);
    expect(arrivals.length).toBeLessThan(10_500);
    expect(arrivals.toSorted((a, b) => a - b)).toEqual(arrivals);
    expect(poissonArrivals(200, 50, 7)).toEqual(arrivals);
    expect(poissonArrivals(200, 50, 8)).not.toEqual(arrivals);
  });

  test("of a rate of zero do not come", () => {
    expect(poissonArrivals(0, 10, 1)).toEqual([]);
  });
});

describe("an open loop", () => {
  test("sends what is due though nothing was answered, and gives up what stays out", async () => {
    const sent: number[] = [];
    const send = (number: number) => {
      sent.push(number);
      return number === 12 ? Promise.resolve(clean) : new Promise<Answer>(() => undefined);
    };
    const samples = await openLoop(send, [0, 1, 2, 3], { giveUpMs: 50, firstNumber: 10 });
    expect(sent).toEqual([10, 11, 12, 13]);
    expect(samples.map(({ answeredAtMs }) => answeredAtMs !== null)).toEqual([false, false, true, false]);
  });

  test("counts neither errors nor rejected captures as answers", async () => {
    const send = (number: number) =>
      number === 0 ? Promise.reject(new Error("500")) : Promise.resolve({ verdict: "unprocessable", scores: {} });
    const samples = await openLoop(send, [0, 1], { giveUpMs: 1_000, firstNumber: 0 });
    expect(samples.map(({ answeredAtMs }) => answeredAtMs)).toEqual([null, null]);
  });
});

describe("a load", () => {
  const arrivals = poissonArrivals(100, 10, 3);

  test("is sustained by a system that keeps up, however long its answers take below the deadline", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_500 }), (delayMs) => {
        const { sustained, latencyMs } = summaryOf(served(arrivals, 2, delayMs), 10, 20_000);
        expect(sustained).toBe(true);
        expect(latencyMs.p50).toBeGreaterThanOrEqual(delayMs);
      }),
    );
  });

  test("is too much for a system that falls behind, though its queue is still within the deadline", () => {
    const { sustained, latencyMs } = summaryOf(served(arrivals, 11.5), 10, 20_000);
    expect(latencyMs.p99).toBeLessThan(5_000);
    expect(sustained).toBe(false);
  });

  test("is too much when answers take longer than the deadline, or do not come", () => {
    expect(summaryOf(served(arrivals, 1, 5_500), 10, 20_000).sustained).toBe(false);
    const lossy = served(arrivals, 1).map((each, index) => (index % 10 === 0 ? { ...each, answeredAtMs: null } : each));
    expect(summaryOf(lossy, 10, 20_000)).toMatchObject({ sustained: false, failed: Math.ceil(arrivals.length / 10) });
  });
});

describe("the search for a limit", () => {
  const search = { from: 40, growth: 1.4, refinements: 3 };

  test("ends close below what a system can do, from wherever it begins", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 5, max: 2_000 }), async (capacity) => {
        const limit = await findLimit(search, async (perSecond) => perSecond <= capacity);
        expect(limit).toBeLessThanOrEqual(capacity);
        expect(limit).toBeGreaterThan(capacity * 0.95);
      }),
    );
  });

  test("finds nothing where nothing is sustained", async () => {
    expect(await findLimit(search, async () => false)).toBe(0);
  });
});
