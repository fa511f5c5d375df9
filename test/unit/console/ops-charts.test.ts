/** The last hour as charts, words and tables: what is not known is never 0. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ChartLine } from "../../../src/console/pages/ops/charts/chart-picture.ts";
import { joinHistory, type OpsHour, withPresent } from "../../../src/console/pages/ops/charts/join-history.ts";
import { chartsOf } from "../../../src/console/pages/ops/charts/pictures.ts";
import { presentOf, sentenceOf } from "../../../src/console/pages/ops/charts/sentences.ts";
import { spansOf } from "../../../src/console/pages/ops/charts/spans.ts";
import { spread } from "../../../src/console/pages/ops/charts/spread.ts";
import { alongTimeline, timelineOf } from "../../../src/console/pages/ops/charts/timeline.ts";
import { hourOf, opsState } from "./ops-figures.ts";

const second = 1_000;
const minute = 60 * second;
const every5s = (fromMs: number, count: number) => Array.from({ length: count }, (_, at) => fromMs + at * 5 * second);

describe("the axis of time", () => {
  test("breaks lines where samples are missing, and tells of the stretch", () => {
    const timeline = timelineOf([5_000, 10_000, 40_000, 45_000], 0, 45_000, 12_500);
    expect(timeline.gaps).toEqual([[10, 40]]);
    expect(timeline.atS).toEqual([5, 10, 25, 40, 45]);
    expect(alongTimeline(timeline, [1, 2, 3, 4], (value) => value)).toEqual([1, 2, null, 3, 4]);
  });

  test("bears one sample that is late, and knows when the newest is old", () => {
    expect(timelineOf([0, 5_000, 15_000], 0, 15_000, 12_500).gaps).toEqual([]);
    expect(timelineOf([0, 5_000], 0, 60_000, 12_500).gaps).toEqual([[5, 60]]);
  });

  test("is one gap where there is nothing, and leaves out what is before its beginning", () => {
    expect(timelineOf([], 0, 60_000, 12_500)).toMatchObject({ gaps: [[0, 60]], atS: [] });
    expect(timelineOf([1_000, 61_000], 60_000, 65_000, 12_500).atS).toEqual([61]);
  });

  test("ascends, whatever is missing", () => {
    const samples = fc.uniqueArray(fc.integer({ min: 0, max: 3_600_000 }), { maxLength: 100 });
    fc.assert(
      fc.property(samples, (some) => {
        const { atS, samples: places } = timelineOf(
          some.toSorted((one, other) => one - other),
          0,
          3_600_000,
          12_500,
        );
        expect(atS).toEqual(atS.toSorted((one, other) => one - other));
        expect(places.filter((place) => place !== null)).toHaveLength(some.length);
      }),
    );
  });
});

describe("an hour of samples", () => {
  const hour = (fromMs: number, count: number, value: number): OpsHour => hourOf(every5s(fromMs, count), () => value);

  test("grows by what is new, and what was asked for twice is there once", () => {
    const joined = joinHistory(hour(0, 3, 1), hour(5_000, 4, 2));
    expect(joined.atMs).toEqual([0, 5_000, 10_000, 15_000, 20_000]);
    expect(joined.flow.in).toEqual([1, 1, 1, 2, 2]);
    expect(joined.pools.infer.busy).toEqual([1, 1, 1, 2, 2]);
  });

  test("lets go of what is older than an hour", () => {
    const joined = joinHistory(hour(0, 720, 1), hour(60 * minute, 12, 2));
    expect(joined.atMs).toHaveLength(720);
    expect(joined.atMs[0]).toBe(60_000);
    expect(joined.flow.clean).toHaveLength(720);
  });

  test("ends with the present as a point that is not over, unless the present is old", () => {
    const known = hour(0, 3, 1);
    const { history, unfinished } = withPresent(known, opsState({ atMs: 12_000 }));
    expect(unfinished).toBe(true);
    expect(history.atMs.at(-1)).toBe(12_000);
    expect(history.flow.in.at(-1)).toBe(212);
    expect(history.pools.infer.oldestAgeMs.at(-1)).toBe(4_100);
    expect(withPresent(known, opsState({ atMs: 10_000 }))).toEqual({ history: known, unfinished: false });
    expect(withPresent(known, opsState({ atMs: 60_000 })).unfinished).toBe(false);
  });
});

describe("names at the ends of lines", () => {
  test("stand apart and in order, between top and bottom", () => {
    expect(spread([50, 51, 10], 14, 0, 100)).toEqual([50, 64, 10]);
    expect(spread([99, 98], 14, 0, 100)).toEqual([100, 86]);
    const places = fc.array(fc.double({ min: -50, max: 250, noNaN: true }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(places, (some) => {
        const moved = spread(some, 14, 0, 200).toSorted((one, other) => one - other);
        for (const [at, place] of moved.entries()) {
          expect(place).toBeLessThanOrEqual(200);
          if (at > 0) expect(place - (moved[at - 1] ?? 0)).toBeGreaterThanOrEqual(14 - 1e-9);
        }
      }),
    );
  });
});

describe("a chart as a table", () => {
  const line = (values: (number | null)[]): ChartLine => ({
    key: "in",
    label: "in",
    token: "--text",
    dash: [],
    values,
  });
  const timeline = timelineOf(every5s(0, 120), 0, 10 * minute, 12_500);

  test("has a row for five minutes: the mean, the most or the last of it", () => {
    const values = timeline.atS.map((s) => s);
    const picture = { timeline, lines: [line(values)] };
    expect(spansOf(picture, 5, "mean").map((span) => span.values)).toEqual([[null], [447.5], [147.5]]);
    expect(spansOf(picture, 5, "most")[1]).toEqual({ fromMs: 5 * minute, values: [595] });
    expect(spansOf(picture, 5, "last")[2]?.values).toEqual([295]);
  });

  test("says that nothing is known, and not 0, of minutes without samples", () => {
    const gap = timelineOf([0, 5_000, 14 * minute], 0, 15 * minute, 12_500);
    const rows = spansOf({ timeline: gap, lines: [line([1, 1, null, 9])] }, 5, "mean");
    expect(rows.map(({ values }) => values[0])).toEqual([null, 9, null, 1]);
  });
});

describe("the six charts", () => {
  const atMs = every5s(0, 12);
  const history = hourOf(atMs, (at) => at);
  const timeline = timelineOf(atMs, 0, 60_000, 12_500);
  const charts = chartsOf({ history, timeline, chosen: "infer", marks: [], unfinished: false });
  const chart = (name: string) => charts.find((one) => one.name === name) ?? expect.fail(`no chart ${name}`);

  test("are told apart by dashes, too, in every chart", () => {
    for (const { name, picture } of charts) {
      const looks = picture.lines.map(({ token, dash }) => `${token} ${dash.join()}`);
      // The least and the most of replicas look alike on purpose: they are one band.
      expect(new Set(looks).size).toBe(name === "replicas" ? looks.length - 1 : looks.length);
    }
    for (const name of ["age", "depth", "busy"] as const)
      expect(new Set(chart(name).picture.lines.map(({ dash }) => dash.join())).size).toBe(4);
  });

  test("show ages on a logarithm in seconds, with the chosen pool's goal, and replicas as steps", () => {
    expect(chart("age").picture.scale.kind).toBe("log");
    expect(chart("age").picture.goal).toMatchObject({ value: 11 / 1000 });
    expect(chart("replicas").picture.lines.every(({ stepped }) => stepped)).toBe(true);
    expect(chart("busy").picture.scale).toMatchObject({ top: 100 });
  });

  test("each say a sentence, and how every line is now", () => {
    for (const { name, picture, words } of charts) {
      expect(sentenceOf(name, picture, words)).toMatch(/\.$/);
      for (const { label } of picture.lines) expect(presentOf(picture, words)).toContain(label);
    }
    const { picture, words } = chart("depth");
    expect(sentenceOf("depth", picture, words)).toBe("The most in this hour: fetch, 11.");
  });

  test("say that they know nothing rather than 0", () => {
    const unknown = hourOf(atMs, () => null);
    for (const { name, picture, words } of chartsOf({
      history: unknown,
      timeline,
      chosen: "fetch",
      marks: [],
      unfinished: false,
    }))
      expect(sentenceOf(name, picture, words)).toBe("Nothing was measured in the last hour.");
  });

  test("say for how long there is no data", () => {
    const gap = timelineOf(atMs, 0, 10 * minute, 12_500);
    const [flow] = chartsOf({ history, timeline: gap, chosen: "infer", marks: [], unfinished: false });
    if (!flow) throw new Error("no chart");
    expect(sentenceOf("flow", flow.picture, flow.words)).toContain("No data for 9 min 5 s of it.");
  });
});
