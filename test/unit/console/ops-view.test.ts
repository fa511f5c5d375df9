/** What Ops makes of figures: levels, squares for workers, marks, counts that are typed. */
import { describe, expect, test } from "vitest";
import { marksOf } from "../../../src/console/pages/ops/charts/marks.ts";
import { countTyped } from "../../../src/console/pages/ops/failures/count-typed.ts";
import { slotsOf } from "../../../src/console/pages/ops/flow/slots.ts";
import { ageOf, levelOfPool, worstOf } from "../../../src/console/pages/ops/levels.ts";
import { opsText } from "../../../src/console/strings/ops.en.ts";
import type { TuningLogEntry } from "../../../src/review/contract/ops-tuning.ts";
import { measured, opsPool } from "./ops-figures.ts";

describe("a level", () => {
  test("of a pool is that of its worst number", () => {
    expect(levelOfPool(opsPool("fetch"))).toBe("normal");
    expect(levelOfPool(opsPool("fetch", { busy: measured(0.9, "warning") }))).toBe("warning");
    const both = { busy: measured(0.9, "warning"), outPerSecond: measured(0, "breach") };
    expect(levelOfPool(opsPool("fetch", both))).toBe("breach");
    expect(worstOf([])).toBe("normal");
  });

  test("of the data follows the clock though no answer comes", () => {
    const state = { at: new Date(0).toISOString() };
    expect([3_000, 3_001, 10_000, 10_001].map((nowMs) => ageOf(state, nowMs).level)).toEqual([
      "normal",
      "warning",
      "warning",
      "breach",
    ]);
    expect(ageOf(state, -500).ageMs).toBe(0);
  });
});

describe("workers as squares", () => {
  const replicas = (running: number, starting: number, draining: number) => ({
    ...opsPool("infer").replicas,
    running,
    starting,
    draining,
  });

  test("tell those that run from those that start and those that go", () => {
    expect(slotsOf(replicas(3, 2, 1)).slots).toEqual(["running", "running", "draining", "starting", "starting"]);
    expect(slotsOf(replicas(0, 0, 0))).toEqual({ slots: [], more: 0 });
  });

  test("are twelve at most, with the number of the rest", () => {
    const { slots, more } = slotsOf(replicas(20, 0, 0));
    expect([slots.length, more]).toEqual([12, 8]);
  });
});

test("a count that is typed is taken with spaces or commas, and nothing else is one", () => {
  expect(["129", " 1,204 ", "1 204"].map(countTyped)).toEqual([129, 1_204, 1_204]);
  expect(["", "12.5", "-3", "all"].map(countTyped)).toEqual([null, null, null, null]);
});

test("changes are marked on the charts; keeping a trial changes nothing", () => {
  const entry = (kind: TuningLogEntry["kind"]): TuningLogEntry => ({
    version: 42,
    at: "2026-11-23T10:00:00.000Z",
    who: "Kim",
    why: "",
    kind,
    changes: [],
    trialUntil: null,
    restores: null,
    age: { beforeMs: null, afterMs: null },
  });
  expect(marksOf([entry("trial"), entry("keep")])).toEqual([
    { atS: Date.parse("2026-11-23T10:00:00.000Z") / 1000, label: "v42 Kim" },
  ]);
});

test("numbers are said short: tenths only where they tell something", () => {
  expect([0, 400, 4_100, 41_000, 3_600_000].map(opsText.seconds)).toEqual(["0 s", "0.4 s", "4.1 s", "41 s", "1 h"]);
  expect([0, 0.4, 211.6].map(opsText.rate)).toEqual(["0/s", "0.4/s", "212/s"]);
  expect([0.94, 41.2].map(opsText.millis)).toEqual(["0.9 ms", "41 ms"]);
  expect([3_000, 2_500].map(opsText.goal)).toEqual(["3 s", "2.5 s"]);
});
