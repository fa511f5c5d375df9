import type { OpsStage } from "../../review/contract/ops.ts";
import type { TuningField, TuningLogEntry } from "../../review/contract/ops-tuning.ts";
import { counted, formatNumber, formatSpan } from "./format.en.ts";
import { opsText } from "./ops.en.ts";

const fields = {
  concurrency: "Concurrency",
  batch: "Batch",
  min: "Workers, least",
  max: "Workers, most",
  goalMs: "Goal, s",
  paused: "Paused",
} satisfies Record<TuningField, string>;

const short = {
  concurrency: "concurrency",
  batch: "batch",
  min: "min",
  max: "max",
  goalMs: "goal",
  paused: "paused",
} satisfies Record<TuningField, string>;

/** A tuned value: "8", "3 s", "yes", "default". */
function value(field: TuningField, tuned: number | boolean | null): string {
  if (tuned === null) return "default";
  if (typeof tuned === "boolean") return tuned ? "yes" : "no";
  return field === "goalMs" ? `${tuned / 1000} s` : formatNumber(tuned);
}

/** A default that no process told of, since none of its kind runs. */
const unknownDefault = (field: TuningField) =>
  field === "concurrency" || field === "batch" ? "default not known now" : "no default: nobody scales";

const workers = (count: number) => counted(count, "worker", "workers");

/** Texts of drafts, trials, pauses and the log of changes. */
export const opsTuningText = {
  title: (stage: OpsStage) => `Tune ${stage}`,
  draft: "Draft: nothing of it is live.",
  noDraft: "Type into a field to draft a change. Empty means the default.",
  failed: "The tuning could not be read.",
  field: fields,
  default: (field: TuningField, tuned: number | null) =>
    tuned === null ? unknownDefault(field) : `default ${value(field, tuned)}`,
  placeholder: (field: TuningField, tuned: number | null) => (tuned === null ? "" : value(field, tuned)),
  value,
  change: (stage: OpsStage, field: TuningField, from: number | boolean | null, to: number | boolean | null) =>
    `${stage} ${short[field]} ${value(field, from)} → ${value(field, to)}`,
  changes: "Changes",
  problem: {
    whole: "A whole number is needed.",
    seconds: "Seconds are needed, such as 3 or 2.5.",
    minOverMax: (least: number, most: number) => `Least ${least} is over most ${most}.`,
  },
  effect: {
    title: "Effect",
    waiting: "Asking what it would do…",
    failed: "What it would do is not known.",
    pool: "Pool",
    replicas: "Workers wanted",
    drain: "Drains in",
    because: (stage: OpsStage, reason: string) => `${stage}: ${reason}`,
    move: (from: string, to: string) => (from === to ? from : `${from} → ${to}`),
    bottleneck: (from: OpsStage | null, to: OpsStage | null) => {
      if (from === to) return to === null ? "No pool limits the others." : `${to} limits the others, before and after.`;
      return `Limits the others: ${from ?? "none"} → ${to ?? "none"}.`;
    },
    warnings: "Warnings",
  },
  reason: "Reason",
  reasonNeeded: "A reason is needed.",
  narrow: "On this width you can read and pause. To tune, use a wider window.",
  apply: "Apply",
  try: "Try for 5 min",
  discard: "Discard",
  sending: "Being sent.",
  notReady: "Mend the marked fields first.",
  nothingDrafted: "Nothing is drafted.",
  resolveFirst: "Another version is in force: choose first.",
  trialRuns: "A trial is under way: keep or revert it first.",
  oldData: "The figures are too old to change anything.",
  applied: (version: number) => `Version ${version} is in force.`,
  tried: (version: number) => `Version ${version} is on trial.`,
  version: (version: number) => `v${version}`,
  workersOn: (on: number, all: number, version: number) => `${formatNumber(on)} of ${workers(all)} on v${version}`,
  trial: {
    title: "Trial",
    left: (version: number) => `v${version} is on trial. Taken back in `,
    over: "Being taken back…",
    keep: "Keep",
    revert: "Revert",
    reason: "Reason (if there is more to say)",
    kept: "Kept after the trial.",
    reverted: "Taken back by hand.",
    announced: (ms: number) => `The trial is taken back in ${formatSpan(ms)}.`,
  },
  stale: {
    title: (yours: number, current: number) => `Your draft is from v${yours}; v${current} is in force`,
    words: "Nothing of yours was applied.",
    what: "Field",
    was: (version: number) => `v${version}, yours began here`,
    now: (version: number) => `v${version}, in force`,
    yours: "Your draft",
    untouched: "not touched",
    drop: "Drop mine",
    onto: (version: number) => `Put mine onto v${version}`,
    fieldName: (stage: OpsStage, field: TuningField) => `${stage} ${short[field]}`,
  },
  pause: {
    pause: (stage: OpsStage) => `Pause ${stage}…`,
    resume: (stage: OpsStage) => `Resume ${stage}…`,
    title: (stage: OpsStage) => `Pause ${stage}`,
    resumeTitle: (stage: OpsStage) => `Resume ${stage}`,
    words: (stage: OpsStage) =>
      `No worker of ${stage} takes captures until somebody resumes it. What comes meanwhile waits.`,
    resumeWords: (stage: OpsStage, depth: number) =>
      `The workers of ${stage} take captures again; ${formatNumber(depth)} wait.`,
    submit: "Pause",
    resumeSubmit: "Resume",
    byQueue: "Its queue was paused elsewhere: it is resumed there.",
  },
  log: {
    title: "Changes",
    none: "Nothing was ever changed.",
    failed: "The log could not be read.",
    ages: (before: string, after: string | null) =>
      after === null ? `oldest ${before} before` : `oldest ${before} before, ${after} five minutes later`,
    restore: "Restore…",
    restoreOf: (version: number) => `Restore version ${version}`,
    restoreTitle: (version: number) => `Restore version ${version}`,
    restoreWords: (version: number) =>
      `Everything is tuned as in version ${version} again. This is a new change, with a version of its own.`,
    restoreSubmit: "Restore",
    restored: (version: number) => `version ${version} again`,
    noChange: "nothing changed",
    keptTrial: "the trial was kept",
    kind: {
      change: "applied",
      trial: "tried",
      keep: "kept",
      revert: "reverted",
      restore: "restored",
    } satisfies Record<TuningLogEntry["kind"], string>,
  },
  ageOf: (ms: number | null) => (ms === null ? opsText.unknown : opsText.seconds(ms)),
};
