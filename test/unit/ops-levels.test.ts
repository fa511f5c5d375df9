/** From when on a number of the pipeline is a warning or a breach, and when it no longer is. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Alarms, type Checks, judge } from "../../src/review/ops/alarm.ts";
import {
  ageChecks,
  busyChecks,
  dataLevel,
  drainChecks,
  failureChecks,
  flowChecks,
  replicaChecks,
  serviceChecks,
} from "../../src/review/ops/checks.ts";

/** The level in each second, from the checks of each second. */
function levels(checks: readonly Checks[]): string[] {
  let memory: Alarms | undefined;
  return checks.map((each, second) => {
    const { level, alarms } = judge(memory, each, second * 1_000);
    memory = alarms;
    return level;
  });
}
const ages = (...runs: [seconds: number, ageMs: number | null][]) =>
  runs.flatMap(([seconds, ageMs]) => Array.from({ length: seconds }, () => ageChecks(ageMs, 3_000)));
const at = (all: readonly string[], second: number) => all[second];

describe("the age of the oldest capture", () => {
  test("is a warning beyond 70 % of the goal, and a breach beyond the goal, each after 10 s", () => {
    const near = levels(ages([30, 2_200]));
    expect([at(near, 9), at(near, 10), at(near, 29)]).toEqual(["normal", "warning", "warning"]);
    const past = levels(ages([5, 100], [30, 3_100]));
    expect([at(past, 14), at(past, 15)]).toEqual(["normal", "breach"]);
    expect(new Set(levels(ages([60, 2_100])))).toEqual(new Set(["normal"]));
  });

  test("that is better for a moment begins the 10 s anew", () => {
    expect(new Set(levels(ages([9, 3_100], [1, 100], [9, 3_100], [1, 100])))).toEqual(new Set(["normal"]));
  });

  test("clears only after 30 s below nine tenths of the limit", () => {
    const wavering = levels(ages([20, 3_500], [100, 2_800]));
    expect(at(wavering, 119)).toBe("breach");
    const recovered = levels(ages([20, 3_500], [60, 100]));
    expect([at(recovered, 49), at(recovered, 50)]).toEqual(["breach", "normal"]);
    const halfway = levels(ages([20, 3_500], [29, 100], [1, 2_900], [29, 100]));
    expect(at(halfway, 78)).toBe("breach");
  });

  test("leaves the level as it is while nothing is known", () => {
    expect(at(levels(ages([20, 3_500], [300, null])), 319)).toBe("breach");
    expect(at(levels(ages([300, null])), 299)).toBe("normal");
  });

  test("says for how long it has been so, from the moment it began and not from the alarm", () => {
    let memory: Alarms | undefined;
    let forMs = 0;
    for (let second = 0; second <= 25; second++) {
      const judged = judge(memory, ageChecks(second < 5 ? 0 : 4_000, 3_000), second * 1_000);
      ({ alarms: memory, forMs } = judged);
    }
    expect(forMs).toBe(20_000);
  });
});

test("work of more than the goal is a warning, of more than the deadline a breach", () => {
  const drain = (ms: number | null) => at(levels(Array(20).fill(drainChecks(ms, 3_000, 60_000))), 19);
  expect([drain(2_900), drain(4_300), drain(61_000), drain(null)]).toEqual(["normal", "warning", "breach", "normal"]);
});

test("less out than in is a warning after 30 s, nothing out with captures there a breach after 10 s", () => {
  const flow = (inRate: number | null, outRate: number | null, ready: number, seconds: number) =>
    at(levels(Array(seconds + 1).fill(flowChecks(inRate, outRate, ready))), seconds);
  expect(flow(209, 150, 640, 29)).toBe("normal");
  expect(flow(209, 150, 640, 30)).toBe("warning");
  expect(flow(209, 205, 640, 300)).toBe("normal");
  expect(flow(0.6, 0.2, 1, 300)).toBe("normal");
  expect([flow(209, 0, 640, 9), flow(209, 0, 640, 10)]).toEqual(["normal", "breach"]);
  expect(flow(0, 0, 0, 300)).toBe("normal");
  expect(flow(null, null, 640, 300)).toBe("normal");
});

test("twice as slow as in the last hour is a warning, and never more than that", () => {
  const service = (p95: number | null, hour: number | null) => at(levels(Array(20).fill(serviceChecks(p95, hour))), 19);
  expect([service(80, 41), service(83, 41), service(4_000, 41), service(83, null)]).toEqual([
    "normal",
    "warning",
    "warning",
    "normal",
  ]);
});

test("slots at work are a warning beyond 85 %, and a breach beyond 97 % while the depth grows", () => {
  const busy = (share: number | null, rises: boolean) => at(levels([busyChecks(share, rises)]), 0);
  expect([busy(0.85, true), busy(0.86, true), busy(0.99, false), busy(0.99, true), busy(null, true)]).toEqual([
    "normal",
    "warning",
    "warning",
    "breach",
    "normal",
  ]);
  expect(levels([busyChecks(0.99, true), busyChecks(0.5, false)])).toEqual(["breach", "normal"]);
});

test("fewer workers than wanted are a warning after 30 s and a breach after 2 min; none, with captures there, after 10 s", () => {
  const replicas = (wanted: number | null, running: number, depth: number, seconds: number) =>
    at(levels(Array(seconds + 1).fill(replicaChecks(wanted, running, depth))), seconds);
  expect([replicas(4, 2, 9, 29), replicas(4, 2, 9, 30), replicas(4, 2, 9, 119), replicas(4, 2, 9, 120)]).toEqual([
    "normal",
    "warning",
    "warning",
    "breach",
  ]);
  expect([replicas(null, 0, 9, 9), replicas(null, 0, 9, 10)]).toEqual(["normal", "breach"]);
  expect(replicas(0, 0, 0, 300)).toBe("normal");
  expect(replicas(null, 2, 9, 300)).toBe("normal");
  expect(replicas(1, 3, 9, 300)).toBe("normal");
});

test("failures are a warning beyond 1 %, and a breach beyond 5 % or with anything expired", () => {
  const failing = (verdicts: number, unprocessable: number, expired = 0) =>
    at(levels([failureChecks({ verdicts, unprocessable, expired })]), 0);
  expect([failing(1_000, 10), failing(1_000, 11), failing(1_000, 51), failing(1_000, 0, 1)]).toEqual([
    "normal",
    "warning",
    "breach",
    "breach",
  ]);
  expect(failing(3, 2)).toBe("normal");
  expect(failing(0, 0)).toBe("normal");
});

test("figures are a warning when older than 3 s, and a breach when older than 10 s", () => {
  expect([3_000, 3_001, 10_000, 10_001].map(dataLevel)).toEqual(["normal", "warning", "warning", "breach"]);
});

test("whatever the ages, a level is never worse than its worst second, nor flickers within 30 s", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 6_000 }), { minLength: 1, maxLength: 200 }), (values) => {
      const seen = levels(values.map((ageMs) => ageChecks(ageMs, 3_000)));
      if (Math.max(...values) <= 2_100) expect(new Set(seen)).toEqual(new Set(["normal"]));
      if (Math.max(...values) <= 3_000) expect(seen).not.toContain("breach");
      const breaches = seen.map((level) => level === "breach");
      const ends = breaches.flatMap((now, second) => (!now && breaches[second - 1] ? [second] : []));
      for (const end of ends) expect(values.slice(end - 30, end + 1).every((ageMs) => ageMs < 2_700)).toBe(true);
    }),
  );
});
