import fc from "fast-check";
import { expect, test } from "vitest";
import { backoffMs } from "../../src/pipeline/backoff.ts";

const draw = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

test("back-off doubles with every attempt, between half and all of its ceiling", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000 }), fc.integer({ min: 0, max: 4 }), draw, (baseMs, attempt, random) => {
      const ceilingMs = baseMs * 2 ** attempt;
      const waitMs = backoffMs(baseMs, attempt, random);
      expect(waitMs).toBeGreaterThanOrEqual(Math.floor(ceilingMs / 2));
      expect(waitMs).toBeLessThanOrEqual(ceilingMs);
    }),
  );
});

test("back-off never exceeds 30 s, however often a capture failed", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60_000 }), fc.nat(), draw, (baseMs, attempt, random) => {
      const waitMs = backoffMs(baseMs, attempt, random);
      expect(Number.isInteger(waitMs)).toBe(true);
      expect(waitMs).toBeLessThanOrEqual(30_000);
    }),
  );
  expect(backoffMs(500, 1_000, 0)).toBe(15_000);
});
