import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { severities } from "../../src/capture/verdict.ts";
import { Targets } from "../../src/review/contract/admin.ts";
import { type PriorityFacts, priorityOf } from "../../src/review/incidents/priority.ts";
import { earlierTargetAtMs, targetAtMs } from "../../src/review/incidents/target.ts";

const openedAtMs = Date.parse("2026-03-01T12:00:00Z");
const aFact: PriorityFacts = {
  kind: "flagged",
  severity: "severe",
  live: true,
  viewers: 2_310,
  confirmed: 3,
  openedAtMs,
  targetAtMs: openedAtMs + 120_000,
};

const facts = fc.record({
  kind: fc.constantFrom("flagged", "sampled"),
  severity: fc.constantFrom(...severities),
  live: fc.boolean(),
  viewers: fc.option(fc.nat()),
  confirmed: fc.nat(),
  openedAtMs: fc.constant(openedAtMs),
  targetAtMs: fc.integer({ min: openedAtMs - 1_000, max: openedAtMs + 7_200_000 }),
});
const now = fc.integer({ min: openedAtMs - 60_000, max: openedAtMs + 86_400_000 });
const points = (each: PriorityFacts, nowMs: number) => priorityOf(each, nowMs).points;

describe("the priority of an incident", () => {
  test("is the sum of its terms, each with its reason", () => {
    const { points, terms } = priorityOf(aFact, openedAtMs + 49_200);
    expect(terms).toEqual([
      { name: "severity", points: 40, why: "severe" },
      { name: "live", points: 20, why: "the stream is live" },
      { name: "viewers", points: 12.1, why: "2,310 watching" },
      { name: "history", points: 7.8, why: "3 confirmed before" },
      { name: "age", points: 4.1, why: "41 % of its target time" },
    ]);
    expect(points).toBe(84);
  });

  test("lies between 0 and 100, and no term is negative", () => {
    fc.assert(
      fc.property(facts, now, (each, nowMs) => {
        const priority = priorityOf(each, nowMs);
        expect(priority.points).toBeGreaterThanOrEqual(0);
        expect(priority.points).toBeLessThanOrEqual(100);
        for (const term of priority.terms) expect(term.points).toBeGreaterThanOrEqual(0);
        expect(priority.points).toBeCloseTo(
          priority.terms.reduce((sum, term) => sum + term.points, 0),
          5,
        );
      }),
    );
  });

  test("reaches 100 when everything speaks for it", () => {
    expect(points({ ...aFact, viewers: 100_000, confirmed: 50 }, openedAtMs + 120_000)).toBe(100);
  });

  test("never falls when one fact becomes worse", () => {
    fc.assert(
      fc.property(facts, now, fc.nat({ max: 1_000_000 }), (each, nowMs, more) => {
        const before = points(each, nowMs);
        const worse = severities[Math.min(3, severities.indexOf(each.severity) + 1)] ?? each.severity;
        expect(points({ ...each, severity: worse }, nowMs)).toBeGreaterThanOrEqual(before);
        expect(points({ ...each, live: true }, nowMs)).toBeGreaterThanOrEqual(before);
        expect(points({ ...each, viewers: (each.viewers ?? 0) + more }, nowMs)).toBeGreaterThanOrEqual(before);
        expect(points({ ...each, confirmed: each.confirmed + more }, nowMs)).toBeGreaterThanOrEqual(before);
        expect(points(each, nowMs + more)).toBeGreaterThanOrEqual(before);
        expect(points({ ...each, targetAtMs: each.targetAtMs - more }, nowMs)).toBeGreaterThanOrEqual(before);
      }),
    );
  });

  test("of an ended stream is below that of every live one of its severity", () => {
    fc.assert(
      fc.property(facts, facts, now, (one, other, nowMs) => {
        const live: PriorityFacts = { ...one, kind: "flagged", live: true };
        const ended: PriorityFacts = { ...other, kind: "flagged", severity: live.severity, live: false };
        expect(points(ended, nowMs)).toBeLessThan(points(live, nowMs));
      }),
    );
  });

  test("of a sampled incident does not follow the stream's size", () => {
    const sampled: PriorityFacts = { ...aFact, kind: "sampled", severity: "low" };
    expect(points(sampled, openedAtMs)).toBe(5);
    expect(points({ ...sampled, viewers: 1_000_000 }, openedAtMs)).toBe(5);
  });
});

describe("the target time", () => {
  const targets = Targets.parse({});

  test("is nearer the worse the severity", () => {
    const all = severities.map((severity) => targetAtMs(severity, openedAtMs, targets) - openedAtMs);
    expect(all).toEqual([3_600_000, 900_000, 300_000, 120_000]);
  });

  test("moves when a worse finding joins, and never back", () => {
    const low = { beforeMs: openedAtMs + 3_600_000, severity: "severe" } as const;
    expect(earlierTargetAtMs(low, openedAtMs + 600_000, targets)).toBe(openedAtMs + 720_000);
    expect(earlierTargetAtMs(low, openedAtMs + 3_590_000, targets)).toBe(openedAtMs + 3_600_000);
  });
});
