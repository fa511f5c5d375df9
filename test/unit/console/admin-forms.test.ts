import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { actionProblems, movedAction, tidied, withNewAction } from "../../../src/console/pages/admin/action-list.ts";
import { durationText, parseDuration } from "../../../src/console/pages/admin/duration-text.ts";
import {
  changedFields,
  type Draft,
  draftOf,
  type FormName,
  fieldsOf,
  readDraft,
  settingFields,
} from "../../../src/console/pages/admin/setting-fields.ts";
import { Actions, reviewSettings } from "../../../src/review/contract/admin.ts";

const forms: FormName[] = ["retention", "targets", "exposure"];

describe("durations", () => {
  test("are read as people type them", () => {
    const texts = ["90 s", "2 min", "1.5h", "1:30", "1:00:00", "2d", " 10 MIN "];
    expect(texts.map(parseDuration)).toEqual([90_000, 120_000, 5_400_000, 90_000, 3_600_000, 172_800_000, 600_000]);
    expect(["", "90", "1:75", "two min", "-1 s", "1 year", "1:2"].map(parseDuration)).toEqual(Array(7).fill(null));
  });

  test("come back as they were written down", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 ** 10 }), (ms) => {
        expect(parseDuration(durationText(ms))).toBe(ms);
      }),
    );
    expect([120_000, 3_600_000, 90_000, 500].map(durationText)).toEqual(["2 min", "1 h", "90 s", "0.5 s"]);
  });
});

describe.each(forms)("the form of %s", (form) => {
  const defaults: Record<string, unknown> = reviewSettings[form].parse({});

  test("has a field for each value of the contract, and gives the same value back", () => {
    expect(
      fieldsOf(form)
        .map(([name]) => name)
        .toSorted(),
    ).toEqual(Object.keys(defaults).toSorted());
    const draft = draftOf(form, defaults);
    expect(readDraft(form, draft)).toEqual({ value: defaults, problems: {} });
    expect(changedFields(form, defaults, draft)).toEqual([]);
  });

  test("accepts what the server accepts, and nothing else", () => {
    const typed = fc.oneof(
      fc.integer({ min: -5, max: 5_000 }).map(String),
      fc.integer({ min: 0, max: 120 }).map((count) => `${count} s`),
      fc.integer({ min: 0, max: 120 }).map((count) => `${count} min`),
      fc.constantFrom("", "yes", "abc", "0.5", "1e3", "999999999999999"),
    );
    const fields: Record<string, fc.Arbitrary<string>> = Object.fromEntries(
      fieldsOf(form).map(([name]) => [name, typed]),
    );
    fc.assert(
      fc.property(fc.record(fields), (draft: Draft) => {
        const { value, problems } = readDraft(form, draft);
        const wrong = Object.keys(problems);
        if (wrong.length === 0) expect(reviewSettings[form].safeParse(value).success).toBe(true);
        for (const name of wrong) expect(changedFields(form, defaults, draft)).toContain(name);
      }),
      { numRuns: 400 },
    );
  });

  test("ends where the contract ends", () => {
    for (const [name, { unit, min, max }] of fieldsOf(form)) {
      if (unit === "yes-no") continue;
      const accepted = (value: number) => reviewSettings[form].safeParse({ ...defaults, [name]: value }).success;
      const step = unit === "percent" ? 0.001 : 1;
      expect([accepted(min), accepted(min - step)]).toEqual([true, false]);
      if (max < Number.MAX_SAFE_INTEGER) expect([accepted(max), accepted(max + step)]).toEqual([true, false]);
    }
  });
});

test("a field says what is wrong with it", () => {
  const typed = (text: string, name: string, form: FormName) =>
    readDraft(form, { ...draftOf(form, reviewSettings[form].parse({})), [name]: text }).problems[name];
  expect(["", "x", "1.5", "0", "4000"].map((text) => typed(text, "severe", "retention"))).toEqual([
    "empty",
    "not-a-number",
    "not-whole",
    "too-small",
    "too-large",
  ]);
  expect(typed("2", "severe", "targets")).toBe("not-a-duration");
  expect(typed("30 s", "breakEveryMs", "exposure")).toBe("too-small");
  expect(typed("11", "leastBlur", "exposure")).toBe("too-large");
  expect(Object.keys(settingFields)).toEqual(forms);
});

describe("the list of actions", () => {
  const warn = { id: "warn", label: "Warn", done: "Warned", severe: false, role: "moderator" as const };
  const end = { id: "end", label: "End stream", done: "Ended", severe: true, role: "lead" as const };

  test("is right as the contract has it", () => {
    expect(actionProblems([warn, end])).toEqual([[], []]);
    expect(Actions.safeParse({ actions: tidied([{ ...warn, label: " Warn " }, end]) }).success).toBe(true);
  });

  test("says what is wrong with which", () => {
    expect(actionProblems([warn, { ...end, label: "warn ", done: " " }, { ...end, label: "x".repeat(41) }])).toEqual([
      [],
      ["no-done", "same-label"],
      ["too-long"],
    ]);
    expect(actionProblems(withNewAction([]))).toEqual([["no-label", "no-done"]]);
  });

  test("gives a new action an id that none has", () => {
    const ids = withNewAction(withNewAction([{ ...warn, id: "action-2" }])).map(({ id }) => id);
    expect(new Set(ids).size).toBe(3);
  });

  test("moves an action by its place, and not beyond the ends", () => {
    const ids = (from: number, to: number) => movedAction([warn, end], from, to).map(({ id }) => id);
    expect([ids(0, 1), ids(1, 0), ids(0, -1), ids(1, 2)]).toEqual([
      ["end", "warn"],
      ["end", "warn"],
      ["warn", "end"],
      ["warn", "end"],
    ]);
  });
});
