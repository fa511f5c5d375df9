/** Rates, quantiles and models' figures out of counters that only grow. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ModelStatistics } from "../../src/inference/protocol.ts";
import { createStageTimes } from "../../src/pipeline/stage-times.ts";
import { bucketOf, quantileMs } from "../../src/pipeline/time-histogram.ts";
import { createTotalsWriter, totalOf } from "../../src/pipeline/totals.ts";
import { modelFigures, type ServerReading } from "../../src/review/ops/model-figures.ts";
import { createWindow } from "../../src/review/ops/window.ts";
import { inFlight, receivedAtMs } from "../items.ts";

describe("a histogram of times", () => {
  test("gives quantiles to a tenth, whatever the times", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0.1, max: 600_000, noNaN: true }), { minLength: 1 }), (times) => {
        const counts = new Map<number, number>();
        for (const ms of times) counts.set(bucketOf(ms), (counts.get(bucketOf(ms)) ?? 0) + 1);
        const sorted = times.toSorted((a, b) => a - b);
        for (const q of [0.5, 0.95]) {
          const exact = sorted[Math.ceil(q * sorted.length) - 1] ?? 0;
          expect((quantileMs(counts, q) ?? 0) / exact).toBeGreaterThan(0.91);
          expect((quantileMs(counts, q) ?? 0) / exact).toBeLessThan(1.1);
        }
      }),
    );
  });

  test("of nothing has none, and takes times of clocks that differ as nought", () => {
    expect(quantileMs(new Map(), 0.5)).toBeUndefined();
    expect([bucketOf(-5), bucketOf(0), bucketOf(Number.NaN)]).toEqual([0, 0, 0]);
    expect(bucketOf(1e12)).toBe(bucketOf(3_600_000));
  });
});

test("a stage counts how long captures waited for it since the one before, and of tried ones nothing", () => {
  const times = createStageTimes("infer");
  const preprocess = { startedAtMs: receivedAtMs + 50, finishedAtMs: receivedAtMs + 100 };
  const item = inFlight("a", { times: { receivedAtMs, preprocess } });
  times.passed([item, { ...item, attempt: 1 }], receivedAtMs + 300, receivedAtMs + 400);
  times.served(16, 320);
  expect(times.counted()).toEqual({
    [totalOf.time("infer", "waiting", bucketOf(200))]: 1,
    [totalOf.time("infer", "service", bucketOf(20))]: 16,
  });
  const last = createStageTimes("postprocess");
  last.passed([item], receivedAtMs + 300, receivedAtMs + 1_000);
  expect(last.counted()).toHaveProperty([totalOf.time("postprocess", "whole", bucketOf(1_000))], 1);
});

test("what one process adds is what it counted since it last did, and once more if that failed", () => {
  const writer = createTotalsWriter();
  const added: [string, number][] = [];
  const pipeline = {
    hincrby: (_: string, name: string, by: number) => added.push([name, by]),
    expire: () => undefined,
  };
  writer.add(pipeline as never, { a: 3, b: 0 });
  writer.add(pipeline as never, { a: 5 }).failed();
  writer.add(pipeline as never, { a: 6, b: 1 });
  expect(added).toEqual([
    ["a", 3],
    ["a", 2],
    ["a", 3],
    ["b", 1],
  ]);
});

describe("the window", () => {
  const at = (second: number, totals: Record<string, number>) => ({
    atMs: 1_000_000 + second * 1_000,
    pools: [],
    totals: new Map(Object.entries(totals)),
  });

  test("gives means of ten seconds, and nothing from too little", () => {
    const window = createWindow();
    window.add(at(0, { received: 100 }));
    window.add(at(1, { received: 200 }));
    expect(window.perSecond("received")).toBeNull();
    for (let second = 2; second <= 30; second++) window.add(at(second, { received: 100 + second * 100 }));
    for (let second = 31; second <= 35; second++) window.add(at(second, { received: 3_100 }));
    expect(window.perSecond("received")).toBeCloseTo(50);
    expect(window.perSecond("received", "never")).toBeCloseTo(50);
  });

  test("has quantiles of the last minute alone, and none of a handful", () => {
    const window = createWindow();
    const name = (ms: number) => totalOf.time("infer", "service", bucketOf(ms));
    window.add(at(0, { [name(1_000)]: 500 }));
    window.add(at(10, { [name(1_000)]: 500, [name(10)]: 19 }));
    expect(window.quantiles("infer", "service")).toEqual({ p50: null, p95: null });
    window.add(at(20, { [name(1_000)]: 500, [name(10)]: 90, [name(100)]: 10 }));
    const { p50, p95 } = window.quantiles("infer", "service");
    expect([p50, p95].map((ms) => Math.round(Math.log10(ms ?? 0)))).toEqual([1, 2]);
  });

  test("forgets all when Redis has lost its data, so that no rate is below nought", () => {
    const window = createWindow();
    window.add(at(0, { received: 1_000 }));
    window.add(at(5, { received: 2_000 }));
    window.add(at(6, { received: 3 }));
    expect(window.perSecond("received")).toBeNull();
    window.add(at(16, { received: 103 }));
    expect(window.perSecond("received")).toBeCloseTo(10);
  });
});

describe("the figures of models", () => {
  const stats = (version: string, done: number, batches: number): ModelStatistics => {
    const duration = (count: number, ms: number) => ({ count, ns: count * ms * 1e6 });
    const none = duration(0, 0);
    return {
      name: "nsfw",
      version,
      last_inference: 0,
      inference_count: done,
      execution_count: batches,
      inference_stats: {
        success: duration(done, 0),
        fail: none,
        queue: duration(done, 4),
        compute_input: none,
        compute_infer: none,
        compute_output: none,
      },
      batch_stats: [
        {
          batch_size: 8,
          compute_input: none,
          compute_infer: duration(batches, 30),
          compute_output: duration(batches, 2),
        },
      ],
    };
  };
  const reading = (atMs: number, statistics: ModelStatistics[]): ServerReading => ({
    atMs,
    statistics,
    index: [
      { name: "nsfw", version: "1", state: "READY", reason: "" },
      { name: "nsfw", version: "2", state: "UNAVAILABLE", reason: "unloaded" },
      { name: "never-loaded", version: "", state: "UNAVAILABLE", reason: "" },
    ],
  });

  test("are of the time between two readings, summed over the servers", () => {
    const one = [reading(0, [stats("1", 1_000, 1_000)]), reading(10_000, [stats("1", 1_080, 1_010)])];
    const other = [reading(0, [stats("1", 0, 0)]), reading(10_000, [stats("1", 20, 10)])];
    const [first, second, ...rest] = modelFigures([one, other]);
    expect(first).toEqual({
      model: "nsfw",
      version: "1",
      state: "ready",
      reason: null,
      servers: 2,
      perSecond: 10,
      meanBatch: 5,
      queueMs: 4,
      computeMs: 32,
      failedPerSecond: 0,
    });
    expect(second).toMatchObject({
      version: "2",
      state: "unavailable",
      reason: "unloaded",
      servers: 0,
      meanBatch: null,
    });
    expect(rest).toEqual([]);
  });

  test("are not known after one reading", () => {
    expect(modelFigures([[reading(0, [stats("1", 1_000, 1_000)])]])[0]).toMatchObject({
      perSecond: null,
      queueMs: null,
    });
  });
});
