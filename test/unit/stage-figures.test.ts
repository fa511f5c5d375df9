import fc from "fast-check";
import { expect, test } from "vitest";
import type { Settled } from "../../src/pipeline/routes.ts";
import { createStageMeter, quantile } from "../../src/pipeline/stage-meter.ts";
import { registry } from "../../src/telemetry/metrics.ts";
import { inFlight } from "../items.ts";

const item = inFlight("a");
const done: Settled<typeof item> = { item, outcome: { kind: "done", value: item } };
const retried: Settled<typeof item> = { item, outcome: { kind: "retry", reason: "rate-limited" } };
const rejected: Settled<typeof item> = {
  item,
  outcome: { kind: "reject", verdict: "unprocessable", reason: "image-corrupt" },
};

const slots = (concurrency: number) => ({ concurrency, defaultConcurrency: 4, tuningVersion: 3 });

test("a stage's figures count its captures by what became of them", () => {
  const meter = createStageMeter("fetch");
  meter.begin();
  meter.begin();
  meter.end();
  meter.record([done, done, retried], 30);
  meter.record([rejected], 10);
  expect(meter.figures(slots(8), 1234)).toMatchObject({
    done: 2,
    retried: 1,
    rejected: 1,
    active: 1,
    concurrency: 8,
    defaultConcurrency: 4,
    tuningVersion: 3,
    atMs: 1234,
  });
});

test("a stage that has done nothing has figures of nought", () => {
  const { p50Ms, p95Ms, serviceMsPerCapture } = createStageMeter("infer").figures(slots(4), 0);
  expect([p50Ms, p95Ms, serviceMsPerCapture]).toEqual([0, 0, 0]);
});

test("stage times are those of the last 256 batches", () => {
  const meter = createStageMeter("fetch");
  for (let batch = 0; batch < 1_000; batch++) meter.record([done], 5_000);
  for (let batch = 1; batch <= 256; batch++) meter.record([done], batch);
  expect(meter.figures(slots(8), 0)).toMatchObject({ p50Ms: 128, p95Ms: 244 });
});

test("the service time per capture follows the batches, and stays between the least and the most", () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ captures: fc.integer({ min: 1, max: 16 }), batchMs: fc.nat(10_000) }), { minLength: 1 }),
      (batches) => {
        const meter = createStageMeter("preprocess");
        for (const { captures, batchMs } of batches) meter.recordBatch(captures, batchMs);
        const each = batches.map(({ captures, batchMs }) => batchMs / captures);
        const { serviceMsPerCapture, capturesPerBatch } = meter.figures(slots(2), 0);
        expect(capturesPerBatch).toBeLessThanOrEqual(16 + 1e-6);
        expect(serviceMsPerCapture).toBeGreaterThanOrEqual(Math.min(...each) - 1e-6);
        expect(serviceMsPerCapture).toBeLessThanOrEqual(Math.max(...each) + 1e-6);
      },
    ),
  );
});

test("a slow first batch is forgotten as soon as others were many", () => {
  const meter = createStageMeter("infer");
  meter.recordBatch(1, 1_000);
  for (let batch = 0; batch < 9; batch++) meter.recordBatch(16, 160);
  expect(meter.figures(slots(4), 0)).toMatchObject({ batches: 10, serviceMsPerCapture: 109, capturesPerBatch: 14.5 });
});

test("captures are counted for Prometheus by stage, outcome and reason", async () => {
  registry.resetMetrics();
  createStageMeter("preprocess").record([done, done, rejected], 20);
  const text = await registry.metrics();
  expect(text).toContain('briareus_captures_total{stage="preprocess",outcome="done",reason=""} 2');
  expect(text).toContain('briareus_captures_total{stage="preprocess",outcome="reject",reason="image-corrupt"} 1');
  expect(text).toContain('briareus_stage_seconds_count{stage="preprocess"} 1');
});

test("a quantile is a member of the list that at least that share of it does not exceed", () => {
  fc.assert(
    fc.property(fc.array(fc.integer(), { minLength: 1 }), fc.double({ min: 0, max: 1, noNaN: true }), (list, q) => {
      const sorted = list.toSorted((a, b) => a - b);
      const value = quantile(sorted, q);
      expect(sorted).toContain(value);
      expect(sorted.filter((each) => each <= value).length).toBeGreaterThanOrEqual(Math.floor(q * sorted.length));
    }),
  );
  expect(quantile([], 0.5)).toBe(0);
});
