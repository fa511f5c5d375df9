/** A draft of tuning: read as it is typed, sent whole, and never mixed unseen with what others changed. */
import { describe, expect, test } from "vitest";
import {
  changesOf,
  conflictOf,
  type DraftField,
  isSound,
  onto,
  problemOf,
  requestOf,
  type TuningDraft,
  textOf,
  typedInto,
} from "../../../src/console/pages/ops/tuning/draft.ts";
import { workersOn } from "../../../src/console/pages/ops/tuning/versions.ts";
import { opsTuningText } from "../../../src/console/strings/ops-tuning.en.ts";
import type { OpsStage } from "../../../src/review/contract/ops.ts";
import type { OpsTuning } from "../../../src/review/contract/ops-tuning.ts";

const defaults = { concurrency: 4, batch: 8, min: 1, max: 4, goalMs: 3_000, paused: false };
const tuning: OpsTuning = {
  version: 41,
  at: null,
  stages: { infer: { max: 6, goalMs: 2_500 } },
  trial: null,
  defaults: {
    fetch: defaults,
    preprocess: defaults,
    infer: defaults,
    postprocess: { ...defaults, min: null, max: null, goalMs: null },
  },
  limits: {
    concurrency: { min: 1, max: 64, words: "1 to 64." },
    batch: { min: 1, max: 16, words: "1 to 16." },
    min: { min: 0, max: 100, words: "0 to 100." },
    max: { min: 1, max: 100, words: "1 to 100." },
    goalMs: { min: 500, max: 60_000, words: "0.5 s to 60 s." },
  },
};

/** Types one after the other. */
function draftOf(...typed: [OpsStage, DraftField, string][]): TuningDraft | null {
  return typed.reduce<TuningDraft | null>(
    (draft, [stage, field, text]) => typedInto(draft, tuning, { stage, field, text }),
    null,
  );
}
const problem = (field: DraftField, text: string, stage: OpsStage = "infer") =>
  problemOf(tuning, draftOf([stage, field, text]), stage, field);
const sound = (draft: TuningDraft | null) => draft !== null && isSound(tuning, draft);

describe("a field", () => {
  test("shows what is in force, goals in seconds, and nothing where the default is", () => {
    expect(textOf(tuning, null, "infer", "max")).toBe("6");
    expect(textOf(tuning, null, "infer", "goalMs")).toBe("2.5");
    expect(textOf(tuning, null, "infer", "batch")).toBe("");
    expect(textOf(tuning, draftOf(["infer", "max", "8"]), "infer", "max")).toBe("8");
  });

  test.each<[DraftField, string, string | null]>([
    ["concurrency", "8", null],
    ["concurrency", "", null],
    ["concurrency", "65", "1 to 64."],
    ["concurrency", "2.5", opsTuningText.problem.whole],
    ["concurrency", "eight", opsTuningText.problem.whole],
    ["concurrency", "-1", opsTuningText.problem.whole],
    ["goalMs", "2.5", null],
    ["goalMs", "2.5 s", null],
    ["goalMs", "0.1", "0.5 s to 60 s."],
    ["goalMs", "2 min", opsTuningText.problem.seconds],
    ["min", "7", opsTuningText.problem.minOverMax(7, 6)],
    ["min", "6", null],
    ["max", "0", "1 to 100."],
  ])("of %s refuses %o in words, or takes it", (field, text, words) => {
    expect(problem(field, text)).toBe(words);
    expect(sound(draftOf(["infer", field, text])) || draftOf(["infer", field, text]) === null).toBe(words === null);
  });

  test("holds the least against the most that the draft has, or the default", () => {
    const both = draftOf(["infer", "max", "2"], ["infer", "min", "3"]);
    expect(problemOf(tuning, both, "infer", "max")).toBe(opsTuningText.problem.minOverMax(3, 2));
    expect(sound(both)).toBe(false);
    expect(sound(draftOf(["infer", "min", "7"], ["infer", "max", "9"]))).toBe(true);
    expect(problem("min", "5", "fetch")).toBe(opsTuningText.problem.minOverMax(5, 4));
    expect(problem("min", "50", "postprocess")).toBeNull();
  });
});

describe("a draft", () => {
  test("of several pools is sent as one, in the API's units; an empty field is the default", () => {
    const draft = draftOf(["infer", "concurrency", "8"], ["infer", "goalMs", ""], ["fetch", "goalMs", "2"]);
    expect(draft && requestOf(draft)).toEqual({
      version: 41,
      stages: { fetch: { goalMs: 2_000 }, infer: { concurrency: 8, goalMs: null } },
    });
    expect(changesOf(draft).map(({ stage, field, from, to }) => opsTuningText.change(stage, field, from, to))).toEqual([
      "fetch goal default → 2 s",
      "infer concurrency default → 8",
      "infer goal 2.5 s → default",
    ]);
  });

  test("is gone when everything is as it was", () => {
    expect(draftOf(["infer", "max", "8"], ["infer", "max", "6"])).toBeNull();
    const rest = draftOf(["infer", "max", "8"], ["fetch", "max", "3"], ["infer", "max", " 6 "]);
    expect(changesOf(rest)).toEqual([{ stage: "fetch", field: "max", from: null, to: 3 }]);
  });

  test("that was begun on an older version shows what was, what is and what it wants", () => {
    const draft = draftOf(["infer", "max", "8"]);
    if (!draft) throw new Error("no draft");
    const now: OpsTuning = {
      ...tuning,
      version: 42,
      stages: { infer: { max: 5, goalMs: 2_500 }, fetch: { paused: true } },
    };
    expect(draft.version).toBe(41);
    expect(conflictOf(draft, now)).toEqual([
      { stage: "fetch", field: "paused", was: null, now: true, yours: undefined },
      { stage: "infer", field: "max", was: 6, now: 5, yours: 8 },
    ]);
    const moved = onto(draft, now);
    expect(requestOf(moved)).toEqual({ version: 42, stages: { infer: { max: 8 } } });
    expect(changesOf(moved)[0]?.from).toBe(5);
  });
});

test("workers are counted over all pools and versions", () => {
  const pools = [
    { versions: [{ version: 42, processes: 3 }] },
    {
      versions: [
        { version: 42, processes: 1 },
        { version: 41, processes: 2 },
      ],
    },
    { versions: [] },
  ];
  expect(workersOn(pools, 42)).toEqual({ on: 4, all: 6 });
  expect(workersOn(pools, 43)).toEqual({ on: 0, all: 6 });
});
