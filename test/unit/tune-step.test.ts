import { expect, test } from "vitest";
import { CommandError } from "../../src/cli/exit.ts";
import { tuneCommand } from "../../src/cli/tune.ts";
import { type TuneOptions, tuneStep } from "../../src/cli/tune-step.ts";
import type { StageName } from "../../src/pipeline/stages.ts";

const reason = "a flood";

test.each<[string, StageName | undefined, TuneOptions, object]>([
  ["nothing shows all", undefined, {}, { kind: "show" }],
  ["a stage alone shows it", "infer", {}, { kind: "show" }],
  ["--log", undefined, { log: true }, { kind: "log" }],
  ["--keep", undefined, { keep: true, reason }, { kind: "keep" }],
  ["--revert", undefined, { revert: true, reason }, { kind: "revert" }],
  ["--restore 0", undefined, { restore: 0, reason }, { kind: "restore", version: 0 }],
  [
    "numbers change them, and default takes them back",
    "infer",
    { max: 6, min: 0, batch: "default", goal: 500, reason },
    { kind: "change", stages: { infer: { max: 6, min: 0, batch: null, goalMs: 500 } } },
  ],
  ["--pause", "fetch", { pause: true, reason }, { kind: "change", stages: { fetch: { paused: true } } }],
  ["--resume", "fetch", { resume: true, reason }, { kind: "change", stages: { fetch: { paused: false } } }],
  ["a dry run needs no reason", "fetch", { max: 2, dryRun: true }, { kind: "dry-run", stages: { fetch: { max: 2 } } }],
])("%s", (_, stage, options, step) => {
  expect(tuneStep(stage, options)).toEqual(step);
});

test.each<[string, StageName | undefined, TuneOptions, string]>([
  ["no reason", "infer", { max: 2 }, "a reason is needed"],
  ["a reason of spaces", "infer", { max: 2, reason: " \n" }, "a reason is needed"],
  ["keeping without a reason", undefined, { keep: true }, "a reason is needed"],
  ["no stage", undefined, { max: 2, reason }, "name the pool that is to change"],
  ["pause and resume", "infer", { pause: true, resume: true, reason }, "--pause and --resume: one of them"],
  ["two things at once", "infer", { max: 2, keep: true, reason }, "a change and --keep: one thing at a time"],
  ["two ends of a trial", undefined, { keep: true, revert: true, reason }, "--keep and --revert: one thing at a time"],
  ["a trial of nothing", "infer", { try: 60_000, reason }, "there is no change to try"],
  ["a dry run of nothing", "infer", { dryRun: true }, "there is no change to try"],
])("wrong use: %s", (_, stage, options, words) => {
  expect(() => tuneStep(stage, options)).toThrow(CommandError);
  expect(() => tuneStep(stage, options)).toThrow(words);
});

test.each([
  ["--concurrency", "1.5", "a whole number from 1 to 256"],
  ["--concurrency", "0", "to stop a stage, pause it"],
  ["--batch", "257", "from 1 to 256"],
  ["--max", "0x10", "from 1 to 1,000"],
  ["--goal", "3", "a number with a unit"],
  ["--goal", "1ms", "from 0.1 to 3,600 seconds"],
])("%s %s is refused with what is allowed", (name, text, words) => {
  const option = tuneCommand.options.find(({ long }) => long === name);
  expect(() => option?.parseArg?.(text, undefined)).toThrow(words);
});
