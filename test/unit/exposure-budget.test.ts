import { describe, expect, test } from "vitest";
import { ExposureLimits } from "../../src/review/contract/me.ts";
import { budgetFrom, type Handled, type SevereLook } from "../../src/review/exposure/budget.ts";

const nowMs = Date.parse("2026-11-22T12:00:00Z");
const limits = ExposureLimits.parse({});
const minutes = (count: number) => count * 60_000;

const looks = (count: number, facts: Partial<SevereLook> = {}): SevereLook[] =>
  Array.from({ length: count }, (_, index) => ({
    incidentId: index,
    atMs: nowMs - minutes(index),
    ms: 1_000,
    ...facts,
  }));
const handled = (pattern: string, everyMs = minutes(1)): Handled[] =>
  [...pattern].map((letter, index) => ({ severe: letter === "s", endedAtMs: nowMs - (index + 1) * everyMs }));
const budget = (seen: SevereLook[], done: Handled[] = []) => budgetFrom(limits, seen, done, nowMs);
const at = (ms: number) => new Date(ms).toISOString();

describe("severe incidents in an hour", () => {
  test("are limited to forty, until the fortieth last is an hour old", () => {
    expect(budget(looks(39))).toBeNull();
    expect(budget(looks(40))).toEqual({ severity: "severe", why: "incidents", until: at(nowMs + minutes(60 - 39)) });
  });

  test("count once, however often their pictures are looked at", () => {
    expect(budget([...looks(30), ...looks(30)])).toBeNull();
  });

  test("of more than an hour ago do not count", () => {
    expect(budget(looks(60, { atMs: nowMs - minutes(60) }))).toBeNull();
  });
});

describe("time", () => {
  test("is limited to ten minutes in an hour, until enough of it is an hour old", () => {
    const seen = [4, 4, 4].map((long, index) => ({
      incidentId: 1,
      atMs: nowMs - minutes(10 * index),
      ms: minutes(long),
    }));
    expect(budget(seen.slice(0, 2))).toBeNull();
    expect(budget(seen)).toEqual({ severity: "severe", why: "time", until: at(nowMs + minutes(60 - 20)) });
  });
});

describe("severe incidents in a row", () => {
  test("are limited to eight; a milder one, or a pause of ten minutes, begins a new row", () => {
    expect(budget([], handled("sssssss"))).toBeNull();
    expect(budget([], handled("ssssssss"))).toMatchObject({ why: "in-a-row", until: at(nowMs + minutes(9)) });
    expect(budget([], handled("msssssssss"))).toBeNull();
    expect(budget([], handled("ssssmssssss"))).toBeNull();
    expect(budget([], handled("ssssssssss", minutes(10)))).toBeNull();
  });
});
