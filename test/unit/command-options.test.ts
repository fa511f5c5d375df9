import fc from "fast-check";
import { expect, test } from "vitest";
import { parseDuration, parseStreamId, positiveNumber, wholeNumber } from "../../src/cli/parse-options.ts";

test("durations are numbers with a unit", () => {
  const units = fc.constantFrom(["ms", 1], ["s", 1_000], ["m", 60_000], ["h", 3_600_000] as const);
  fc.assert(
    fc.property(fc.nat(10_000), units, (number, [unit, unitMs]) => {
      expect(parseDuration(`${number}${unit}`)).toBe(number * Number(unitMs));
    }),
  );
  expect(parseDuration("1.5s")).toBe(1_500);
});

test.each(["", "30", "s", "-1s", "30 s", "30S", "1d", "1e3s", "1s30", ".5s", "Infinitys"])(
  "%j is no duration, and the refusal shows what is one",
  (text) => {
    expect(() => parseDuration(text)).toThrow("500ms, 30s, 5m or 1h");
  },
);

test("whole numbers are taken within their range, ends included", () => {
  const parse = wholeNumber(0, 10);
  expect([parse("0"), parse("7"), parse("10")]).toEqual([0, 7, 10]);
});

test.each(["", " ", "11", "-1", "1.5", "two", "0x2", "1e1", "NaN"])(
  "%j is no whole number from 0 to 10, and the refusal says so",
  (text) => {
    expect(() => wholeNumber(0, 10)(text)).toThrow("must be a whole number from 0 to 10");
  },
);

test.each(["0", "-1", "60.5", "", "1e1", "Infinity", "many"])("%j is no number above 0 and at most 60", (text) => {
  expect(() => positiveNumber(60)(text)).toThrow("must be a number above 0 and at most 60");
});

test("numbers may have a fraction", () => {
  expect([positiveNumber(60)("60"), positiveNumber(60)("0.25")]).toEqual([60, 0.25]);
});

test("a stream's id leaves room for what follows it in the ids of captures", () => {
  expect(parseStreamId("x".repeat(200))).toHaveLength(200);
  for (const text of ["", "x".repeat(201)]) expect(() => parseStreamId(text)).toThrow("1 to 200 characters");
});
