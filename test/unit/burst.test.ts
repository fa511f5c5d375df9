import fc from "fast-check";
import { expect, test } from "vitest";
import { capturesDue } from "../../src/local/sample-streams/burst.ts";

const burst = { times: 20, afterMs: 10_000, forMs: 5_000 };

test("streams publish at their rate, the first capture at once", () => {
  expect([0, 500, 1_000, 10_000].map((elapsedMs) => capturesDue(elapsedMs, 16))).toEqual([1, 9, 17, 161]);
});

test("a burst multiplies the rate for its time, and the rate is as before it after it", () => {
  const due = (elapsedMs: number) => capturesDue(elapsedMs, 16, burst);
  expect(due(10_000)).toBe(161);
  expect(due(11_000) - due(10_000)).toBe(320);
  expect(due(15_000) - due(10_000)).toBe(1_600);
  expect(due(16_000) - due(15_000)).toBe(16);
});

test("what is due never becomes less", () => {
  fc.assert(
    fc.property(fc.nat(60_000), fc.nat(1_000), fc.double({ min: 0.1, max: 1_000, noNaN: true }), (atMs, more, rate) => {
      expect(capturesDue(atMs + more, rate, burst)).toBeGreaterThanOrEqual(capturesDue(atMs, rate, burst));
    }),
  );
});
