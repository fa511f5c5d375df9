import { expect, test } from "vitest";
import { proportion } from "../../src/review/quality/wilson.ts";

// The first four: R. G. Newcombe, Statistics in Medicine 17 (1998), table I, method 3. The others were worked out apart.
test.each([
  [81, 263, 0.2553, 0.3662],
  [15, 148, 0.0624, 0.1605],
  [0, 20, 0, 0.1611],
  [1, 29, 0.0061, 0.1718],
  [50, 100, 0.4038, 0.5962],
  [10, 10, 0.7225, 1],
])("the share of %i of %i lies between %d and %d", (count, of, low, high) => {
  const measured = proportion(count, of);
  expect(measured.share).toBe(count / of);
  expect(measured.low).toBeCloseTo(low, 4);
  expect(measured.high).toBeCloseTo(high, 4);
});

test("of no cases there is no share", () => {
  expect(proportion(0, 0)).toEqual({ count: 0, of: 0, share: null, low: null, high: null });
});
