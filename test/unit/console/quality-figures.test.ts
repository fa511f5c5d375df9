import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { csvOf } from "../../../src/console/pages/quality/csv.ts";
import { markOf, scaleEnd } from "../../../src/console/pages/quality/interval-plot.ts";
import {
  formatQualityFilters,
  parseQualityFilters,
  qualityRequest,
  spans,
} from "../../../src/console/pages/quality/quality-filters.ts";
import { qualityTables, tableNames } from "../../../src/console/pages/quality/quality-tables.ts";
import { timePlot } from "../../../src/console/pages/quality/time-plot.ts";
import { type Quality, QualityQuery } from "../../../src/review/contract/quality.ts";

const spread = (p50Ms: number | null, p95Ms: number | null, count = 40) => ({ p50Ms, p95Ms, count });
const half = { count: 20, of: 40, share: 0.5, low: 0.35, high: 0.65 };

const quality: Quality = {
  from: "2026-11-13T00:00:00.000Z",
  to: "2026-11-20T00:00:00.000Z",
  precision: [{ category: "nudity", model: "nsfw", modelVersion: "1", policyVersion: "14", confirmed: half }],
  times: [
    {
      severity: "severe",
      pipeline: spread(3_000, 5_000),
      waiting: spread(20_000, 80_000),
      handling: spread(9_000, 30_000),
      total: spread(34_000, 100_000),
    },
    {
      severity: "low",
      pipeline: spread(null, null, 0),
      waiting: spread(null, null, 0),
      handling: spread(null, null, 0),
      total: spread(null, null, 0),
    },
  ],
  targets: [{ severity: "severe", met: half }],
  missed: [{ policyVersion: "14", violations: { count: 0, of: 0, share: null, low: null, high: null } }],
  days: [{ day: "2026-11-19", confirmed: 12, dismissed: 3 }],
  policyVersions: ["14"],
  models: ["nsfw"],
};

describe("a share with its interval", () => {
  test("is drawn from thirty decisions on, and said to be of too few below", () => {
    expect(markOf(half)).toEqual({ kind: "figure", dot: 0.5, low: 0.35, high: 0.65 });
    expect(markOf({ ...half, of: 29 })).toEqual({ kind: "too-few" });
    expect(markOf({ ...half, of: 30 }).kind).toBe("figure");
  });

  test("fits a scale that ends at a round share; what is not drawn does not widen it", () => {
    const small = { count: 3, of: 412, share: 0.007, low: 0.002, high: 0.021 };
    expect(scaleEnd([small])).toBe(0.05);
    expect(scaleEnd([small, { ...half, of: 12 }])).toBe(0.05);
    expect(scaleEnd([small, half])).toBe(1);
    expect(scaleEnd([])).toBe(0.02);
  });

  test("of nothing is no figure", () => {
    expect(markOf({ count: 0, of: 0, share: null, low: null, high: null })).toEqual({ kind: "none" });
  });
});

describe("bars of time", () => {
  const plot = timePlot(quality.times);

  test("stand for severities that had decisions, half and nineteen of twenty", () => {
    expect(plot.bars.map(({ severity, quantile, totalMs }) => [severity, quantile, totalMs])).toEqual([
      ["severe", "p50", 34_000],
      ["severe", "p95", 100_000],
    ]);
  });

  test("put their parts one behind the other, within a scale of round ticks", () => {
    expect(plot.ticksMs).toEqual([0, 30_000, 60_000, 90_000, 120_000]);
    expect(plot.bars[1]?.segments).toEqual([
      { part: "pipeline", start: 0, length: 5 / 120, ms: 5_000 },
      { part: "waiting", start: 5 / 120, length: 80 / 120, ms: 80_000 },
      { part: "handling", start: expect.closeTo(85 / 120), length: 30 / 120, ms: 30_000 },
    ]);
  });

  test("fit their scale, with few ticks, however long they are", () => {
    const ms = fc.integer({ min: 0, max: 10 ** 10 });
    fc.assert(
      fc.property(ms, ms, ms, (a, b, c) => {
        const time = {
          severity: "high" as const,
          pipeline: spread(a, a),
          waiting: spread(b, b),
          handling: spread(c, c),
          total: spread(a, c),
        };
        const { bars, ticksMs, scaleMs } = timePlot([time]);
        expect(a + b + c).toBeLessThanOrEqual(scaleMs);
        expect(ticksMs.length).toBeLessThanOrEqual(8);
        expect(bars).toHaveLength(2);
      }),
    );
  });

  test("are none without decisions", () => {
    expect(timePlot([]).bars).toEqual([]);
  });
});

describe("the tables of quality", () => {
  test("have a cell for every column", () => {
    const tables = qualityTables(quality);
    for (const name of tableNames)
      for (const row of tables[name].rows) expect(row).toHaveLength(tables[name].columns.length);
    expect(csvOf(tables.precision)).toBe(
      "category,model,model_version,policy_version,confirmed,of,share,low_95,high_95\r\nnudity,nsfw,1,14,20,40,0.5,0.35,0.65\r\n",
    );
    expect(csvOf(tables.missed)).toContain("14,0,0,,,\r\n");
  });

  test("are quoted where text needs it, and start no formula in a spreadsheet", () => {
    const rows = [['a"b', "c,d", "e\nf", "=1+1", -3]];
    expect(csvOf({ columns: ["v", "w", "x", "y", "z"], rows })).toBe('v,w,x,y,z\r\n"a""b","c,d","e\nf",\'=1+1,-3\r\n');
  });
});

describe("the filters of quality", () => {
  test("come back from the address as they went into it", () => {
    const any = fc.record({
      days: fc.constantFrom(...spans),
      policyVersion: fc.option(fc.string()),
      model: fc.option(fc.string()),
    });
    fc.assert(
      fc.property(any, (filters) => {
        expect(parseQualityFilters(formatQualityFilters(filters))).toEqual(filters);
      }),
    );
    expect(parseQualityFilters("days=13")).toEqual({ days: 7, policyVersion: null, model: null });
  });

  test("ask for whole days up to the minute", () => {
    const request = qualityRequest(parseQualityFilters("days=1"), Date.parse("2026-11-20T10:00:59.999Z"));
    expect(request.from).toBe("2026-11-19T10:00:00.000Z");
    expect(QualityQuery.safeParse(request).success).toBe(true);
  });
});
