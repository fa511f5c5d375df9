import { expect, test } from "vitest";
import { csvLine } from "../../src/review/activity/csv.ts";

test("cells with commas, quotes or line breaks are quoted, others are not", () => {
  expect(csvLine(["plain", 'say "a, b"', "two\r\nlines", null, 7, ""])).toBe(
    'plain,"say ""a, b""","two\r\nlines",,7,\r\n',
  );
});

test.each(["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "＝1", "\tx"])(
  "a text that a spreadsheet would take for a formula is none: %j",
  (text) => {
    expect(csvLine([text]).replace(/^"/, "")).toMatch(/^'/);
  },
);

test("numbers stay numbers, also negative ones, and signs inside of a text stay as they are", () => {
  expect(csvLine([-1, "a=b", "1-2"])).toBe("-1,a=b,1-2\r\n");
});
