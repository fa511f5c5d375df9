/** Colours of the console, as its style sheet has them, measured: contrast (WCAG 2.2) and difference for all eyes. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { contrast, difference, linear, type Rgb, type Vision, visions } from "./colour-measures.ts";

const css = readFileSync("src/console/styles/tokens.css", "utf8");
const themes = ["light", "dark"] as const;
type Theme = (typeof themes)[number];

function colour(name: string, theme: Theme): Rgb {
  const pair = new RegExp(`--${name}: light-dark\\((#\\w{6}), (#\\w{6})\\)`).exec(css);
  const hex = pair ? pair[theme === "light" ? 1 : 2] : new RegExp(`--${name}: (#\\w{6})`).exec(css)?.[1];
  if (!hex) throw new Error(`there is no colour ${name} in tokens.css`);
  return [0, 2, 4].map((at) => Number.parseInt(hex.slice(1 + at, 3 + at), 16) / 255) as Rgb;
}

const grounds = ["bg", "raised"];
const texts = ["text", "muted", "accent", "grey", "blue", "amber", "red", "teal"];
const roles = ["grey", "blue", "amber", "red", "teal"];
const series = ["series-fetch", "series-preprocess", "series-infer", "series-postprocess"];

describe.each(themes)("in the %s theme", (theme) => {
  const between = (one: string, other: string) => contrast(colour(one, theme), colour(other, theme));

  test.each(texts)("%s can be read on every ground", (name) => {
    for (const ground of grounds) expect(between(name, ground)).toBeGreaterThanOrEqual(4.5);
  });

  test.each([...roles, "accent"])("what is written on a fill of %s can be read", (name) => {
    expect(between("on-fill", name)).toBeGreaterThanOrEqual(4.5);
  });

  test("borders of controls and the focus ring stand out", () => {
    for (const ground of grounds) {
      expect(between("control", ground)).toBeGreaterThanOrEqual(3);
      expect(between("focus", ground)).toBeGreaterThanOrEqual(10);
    }
  });

  test.each(series)("%s stands out of a chart", (name) => {
    expect(between(name, "chart")).toBeGreaterThanOrEqual(4.5);
  });

  test.each(visions)("roles and series differ with %s vision", (vision: Vision) => {
    expect(leastDifference(roles, theme, vision)).toBeGreaterThan(10);
    expect(leastDifference(series, theme, vision)).toBeGreaterThan(10);
  });
});

test("words on the picture's well can be read", () => {
  for (const name of ["on-well", "on-well-muted"])
    expect(contrast(colour(name, "dark"), colour("well", "dark"))).toBeGreaterThanOrEqual(4.5);
});

test("black on white is as far as can be, in contrast and in difference", () => {
  const [black, white]: [Rgb, Rgb] = [
    [0, 0, 0],
    [1, 1, 1],
  ];
  expect(contrast(black, white)).toBeCloseTo(21, 5);
  expect(difference(black, white, "full")).toBeCloseTo(100, 3);
  expect(linear(1)).toBe(1);
});

function leastDifference(names: readonly string[], theme: Theme, vision: Vision): number {
  return Math.min(
    ...names.flatMap((one, at) =>
      names.slice(at + 1).map((other) => difference(colour(one, theme), colour(other, theme), vision)),
    ),
  );
}
