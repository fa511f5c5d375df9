import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type StageName, stageNames } from "../../src/pipeline/stages.ts";
import { mergeChange, type TuningChange } from "../../src/pipeline/tuning/merge-change.ts";
import { changed, kept, ranOut, restored, reverted } from "../../src/pipeline/tuning/next-tuning.ts";
import {
  changesBetween,
  largestBatch,
  type StageTuning,
  type TunedStages,
  Tuning,
  tunedNumbers,
  tuningAt,
  tuningLimits,
  untuned,
} from "../../src/pipeline/tuning/tuning.ts";
import { TuningError } from "../../src/pipeline/tuning/tuning-error.ts";

const step = { who: "ada", why: "a flood", nowMs: 1_000_000 };

/** The refusal's code and words. */
function refusalOf(attempt: () => unknown): { code: string; words: string } {
  try {
    attempt();
  } catch (error) {
    if (error instanceof TuningError) return { code: error.code, words: error.message };
    throw error;
  }
  throw new Error("it was not refused");
}

const numberOf = (field: keyof typeof tuningLimits) => fc.integer(tuningLimits[field]);
const stageTuning = fc
  .record(
    {
      concurrency: numberOf("concurrency"),
      batch: numberOf("batch"),
      limits: fc.tuple(numberOf("max"), numberOf("max")),
      goalMs: numberOf("goalMs"),
      paused: fc.constant(true),
    },
    { requiredKeys: [] },
  )
  .map(({ limits: [a, b] = [undefined, undefined], ...others }): StageTuning => {
    if (a === undefined || b === undefined) return others;
    return { ...others, min: Math.min(a, b), max: Math.max(a, b) };
  })
  .filter((tuning) => Object.keys(tuning).length > 0);
const tunedStages: fc.Arbitrary<TunedStages> = fc.dictionary(fc.constantFrom(...stageNames), stageTuning, {
  noNullPrototype: true,
});
const tuning: fc.Arbitrary<Tuning> = fc.record(
  {
    version: fc.nat(1_000),
    atMs: fc.nat(1_000_000),
    stages: tunedStages,
    trial: fc.record({ untilMs: fc.nat(2_000_000), before: tunedStages }),
  },
  { requiredKeys: ["version", "atMs", "stages"] },
);

describe("a trial", () => {
  test("is in force until its time is over, and then everything is as before it, one version on", () => {
    fc.assert(
      fc.property(tuning, fc.nat(3_000_000), (document, nowMs) => {
        const at = tuningAt(document, nowMs);
        const { trial } = document;
        if (!trial || nowMs < trial.untilMs) expect(at).toBe(document);
        else expect(at).toEqual({ version: document.version + 1, atMs: trial.untilMs, stages: trial.before });
      }),
    );
  });

  test("that is over is over the same way for everybody, however late they look, and once", () => {
    fc.assert(
      fc.property(tuning, fc.nat(3_000_000), fc.nat(3_000_000), (document, one, other) => {
        const [sooner, later] = [Math.min(one, other), Math.max(one, other)];
        expect(tuningAt(tuningAt(document, sooner), later)).toEqual(tuningAt(document, later));
      }),
    );
  });

  test("is written down as what tuningAt says, by the timer", () => {
    const tried = changed(untuned, { stages: { infer: { max: 3 } }, trialMs: 300_000 }, step).tuning;
    const at = tuningAt(tried, step.nowMs + 300_000);
    const { tuning, entry } = ranOut(tried, at);
    expect(tuning).toEqual(at);
    expect(entry).toMatchObject({ version: 2, kind: "revert", who: "timer", atMs: step.nowMs + 300_000 });
    expect(entry.changes).toEqual([{ stage: "infer", field: "max", from: 3, to: null }]);
  });

  test("can be kept or taken back early, each a version of its own", () => {
    const tried = changed(untuned, { stages: { infer: { max: 3 } }, trialMs: 10_000 }, step).tuning;
    expect(tried).toEqual({
      version: 1,
      atMs: step.nowMs,
      stages: { infer: { max: 3 } },
      trial: { untilMs: step.nowMs + 10_000, before: {} },
    });
    expect(kept(tried, step).tuning).toMatchObject({ version: 2, stages: { infer: { max: 3 } }, trial: undefined });
    expect(reverted(tried, step).tuning).toMatchObject({ version: 2, stages: {}, trial: undefined });
    for (const end of [kept, reverted]) expect(refusalOf(() => end(untuned, step)).code).toBe("no-trial");
  });

  test("lets nothing else be changed, but pools be paused and resumed, which outlives it", () => {
    const tried = changed(untuned, { stages: { infer: { max: 3 } }, trialMs: 10_000 }, step).tuning;
    const refused = refusalOf(() => changed(tried, { stages: { fetch: { max: 3 } } }, step));
    expect(refused.code).toBe("trial-running");
    expect(refused.words).toContain("until 1970-01-01T00:16:50.000Z: keep or revert it first");
    expect(refusalOf(() => restored(tried, { version: 0, stages: {} }, undefined, step)).code).toBe("trial-running");
    const mixed = { stages: { fetch: { paused: true, max: 3 } } };
    expect(refusalOf(() => changed(tried, mixed, step)).code).toBe("trial-running");

    const paused = changed(tried, { stages: { fetch: { paused: true } } }, step).tuning;
    expect(paused.stages).toEqual({ infer: { max: 3 }, fetch: { paused: true } });
    expect(tuningAt(paused, step.nowMs + 10_000).stages).toEqual({ fetch: { paused: true } });
  });

  test.each([9_999, 3_600_001, Number.NaN])("of %d ms is refused", (trialMs) => {
    const refused = refusalOf(() => changed(untuned, { stages: { infer: { max: 3 } }, trialMs }, step));
    expect(refused).toEqual({ code: "invalid-tuning", words: "a trial lasts from 10 seconds to an hour" });
  });
});

describe("a change", () => {
  test("touches only the fields that it names, and null is the default again", () => {
    const stages = { fetch: { max: 9, paused: true }, infer: { batch: 4 } };
    expect(mergeChange(stages, { fetch: { max: null, min: 2 } })).toEqual({
      fetch: { min: 2, paused: true },
      infer: { batch: 4 },
    });
    expect(mergeChange(stages, { fetch: { paused: false }, infer: { batch: null } })).toEqual({ fetch: { max: 9 } });
  });

  test("and its way back lead to where it came from, and the log's changes say the way", () => {
    fc.assert(
      fc.property(tunedStages, tunedStages, (from, to) => {
        const there: TuningChange = {};
        for (const { stage, field, to: value } of changesBetween(from, to))
          there[stage] = { ...there[stage], [field]: value };
        expect(mergeChange(from, there)).toEqual(to);
      }),
    );
  });

  test("makes a document that can be read back", () => {
    fc.assert(
      fc.property(tunedStages, (stages) => {
        fc.pre(Object.keys(stages).length > 0);
        const { tuning: made } = changed(untuned, { stages, trialMs: 60_000 }, step);
        expect(Tuning.parse(JSON.parse(JSON.stringify(made)))).toEqual(made);
      }),
    );
  });

  test.each<[string, Record<string, Record<string, unknown>>, string]>([
    [
      "an unknown stage",
      { infr: { max: 2 } },
      'there is no stage "infr": stages are fetch, preprocess, infer, postprocess',
    ],
    ["an unknown field", { infer: { maximum: 2 } }, 'infer: there is no "maximum" to tune'],
    [
      "a negative minimum",
      { infer: { min: -1 } },
      "infer: min is a whole number of workers from 0 to 1,000; -1 is not",
    ],
    ["no worker at most", { infer: { max: 0 } }, "to stop a stage, pause it; 0 is not"],
    [
      "no slot",
      { fetch: { concurrency: 0 } },
      "concurrency is a whole number from 1 to 256; to stop a stage, pause it",
    ],
    ["half a capture", { fetch: { batch: 1.5 } }, "batch is a whole number of captures from 1 to 256; 1.5 is not"],
    ["no number", { fetch: { goalMs: Number.NaN } }, "goal is from 0.1 to 3,600 seconds"],
    ["a number in words", { fetch: { max: "2" } }, 'workers from 1 to 1,000; to stop a stage, pause it; "2" is not'],
    ["paused in words", { fetch: { paused: "yes" } }, 'paused is true or false; "yes" is not'],
    ["a minimum over the maximum", { infer: { min: 5, max: 4 } }, "infer: min 5 is over max 4"],
    ["a minimum over a stored maximum", { fetch: { min: 4 } }, "fetch: min 4 is over max 3"],
    ["a maximum under the default minimum", { postprocess: { max: 1 } }, "min 2 (the default) is over max 1"],
  ])("with %s is refused in words", (_, stages, words) => {
    const stored: TunedStages = { fetch: { max: 3 } };
    // As a caller without types would give it.
    const refused = refusalOf(() => mergeChange(stored, stages as TuningChange, { postprocess: { min: 2, max: 9 } }));
    expect(refused.code).toBe("invalid-tuning");
    expect(refused.words).toContain(words);
  });

  test("is refused with a sentence for everything that is wrong", () => {
    const stages = { infer: { min: -1, batch: 0 }, fetch: { max: 1_001 } };
    expect(refusalOf(() => mergeChange({}, stages)).words.split("\n")).toHaveLength(3);
  });

  test("that pauses is possible though the deployment's limits have moved over a tuned one", () => {
    const stages: TunedStages = { infer: { min: 5 } };
    const defaults = { infer: { min: 1, max: 3 } };
    expect(mergeChange(stages, { infer: { paused: true } }, defaults)).toEqual({ infer: { min: 5, paused: true } });
    expect(refusalOf(() => mergeChange(stages, { infer: { min: 4 } }, defaults)).words).toContain(
      "max 3 (the default)",
    );
  });

  test.each([
    ["without a reason", { ...step, why: " \n" }, "a reason is needed"],
    ["with a novel for a reason", { ...step, why: "x".repeat(501) }, "at most 500 characters"],
    ["by nobody", { ...step, who: "" }, "who makes the change"],
  ])("%s is refused", (_, who, words) => {
    expect(refusalOf(() => changed(untuned, { stages: { infer: { max: 3 } } }, who)).words).toContain(words);
  });

  test("that changes nothing is refused", () => {
    const stages: TuningChange = { infer: { paused: false, max: null } };
    expect(refusalOf(() => changed(untuned, { stages }, step)).words).toBe(
      "nothing would change: version 0 is so already",
    );
  });
});

describe("restoring", () => {
  test("an earlier version makes a new one like it", () => {
    const now = { version: 7, atMs: 0, stages: { infer: { max: 3 } } };
    const earlier = { version: 4, stages: { fetch: { concurrency: 2 } } };
    const { tuning, entry } = restored(now, earlier, undefined, step);
    expect(tuning).toEqual({ version: 8, atMs: step.nowMs, stages: earlier.stages, trial: undefined });
    expect(entry).toMatchObject({ kind: "restore", restores: 4, version: 8, who: "ada", why: "a flood" });
    expect(entry.changes).toHaveLength(2);
  });

  test("is checked against the limits of now", () => {
    const earlier = { version: 4, stages: { fetch: { min: 5 } } };
    const refused = refusalOf(() => restored(untuned, earlier, { fetch: { min: 1, max: 2 } }, step));
    expect(refused.words).toBe("fetch: min 5 is over max 2 (the default)");
  });
});

test("jobs that infer wants small are cut before preprocess, whose tensors would else be shared", () => {
  const batches = (stages: TunedStages) =>
    stageNames.map((stage: StageName) => largestBatch({ ...untuned, stages }, stage));
  expect(batches({})).toEqual([undefined, undefined, undefined, undefined]);
  expect(batches({ infer: { batch: 4 } })).toEqual([undefined, 4, 4, undefined]);
  expect(batches({ infer: { batch: 4 }, preprocess: { batch: 2 } })).toEqual([undefined, 2, 4, undefined]);
  expect(batches({ fetch: { batch: 8 }, postprocess: { batch: 1 } })).toEqual([8, undefined, undefined, 1]);
});

test("every number has its limits, and words that name them", () => {
  for (const field of tunedNumbers) expect(tuningLimits[field].words).toMatch(/from .* to/);
});
