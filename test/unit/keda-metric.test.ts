/** What an HPA makes of the scaler's metric, by Kubernetes' own formula. */
import { expect, test } from "vitest";
import { metricSpecOf, metricValueOf } from "../../src/scaling/keda/metric.ts";
import { idle, limits } from "../scaling.ts";

/** ceil(value ÷ target), but only where that is more than the tolerance off what there is; in thousandths, as KEDA gives it. */
function hpa(value: number, current: number, tolerance = 0.1): number {
  const ratio = Math.trunc(value * 1_000) / (metricSpecOf("fetch").targetSizeFloat * 1_000 * current);
  return ratio >= 1 - tolerance && ratio <= 1 + tolerance ? current : Math.ceil(Math.trunc(value * 1_000) / 1_000);
}

const history = { sinceMs: 0, wanted: [], raisedAtMs: 0 };
const told = (replicas: number, alive: number) =>
  metricValueOf("fetch", {
    stage: "fetch",
    replicas,
    limits,
    reason: "",
    saturated: false,
    history,
    load: { ...idle, alive },
  }).metricValueFloat;

test("an HPA takes a pool of up to ten to every size that is wanted", () => {
  for (let current = 1; current <= 10; current++)
    for (let wanted = 1; wanted <= 40; wanted++)
      if (current < 10 || wanted !== 11)
        expect({ current, wanted, made: hpa(told(wanted, current), current) }).toEqual({
          current,
          wanted,
          made: wanted,
        });
});

test("a pool of up to 19 shrinks by one at a time, and stays where it is wanted", () => {
  for (let wanted = 1; wanted < 19; wanted++) {
    expect(hpa(told(wanted, wanted + 1), wanted + 1)).toBe(wanted);
    // Workers that drain still say that they live, after the Deployment is as small as is wanted.
    expect(hpa(told(wanted, wanted + 1), wanted)).toBe(wanted);
    expect(hpa(told(wanted, wanted), wanted)).toBe(wanted);
  }
});

test("never does an HPA make more than is wanted, and without tolerance it makes just that", () => {
  for (let current = 1; current <= 200; current += 7)
    for (let wanted = 1; wanted <= 200; wanted += 3) {
      const value = told(wanted, current);
      expect(hpa(value, current)).toBeLessThanOrEqual(Math.max(wanted, current));
      expect(hpa(value, current, 0)).toBe(wanted);
    }
  expect(told(0, 0)).toBe(0);
});

test("what a tolerance of a tenth hides is one more worker of ten or more", () => {
  expect(hpa(told(11, 10), 10)).toBe(10);
  expect(hpa(told(12, 10), 10)).toBe(12);
});
