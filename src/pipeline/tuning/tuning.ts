/**
 * What ops have tuned, as one document: per stage only what differs from the deployment's defaults.
 *
 *     version 0 ──change──► version n ──trial──► version n + 1, on trial ──keep──► version n + 2
 *                                                       └──revert, or its time is over──► version n + 2, as n was
 *
 * Every write makes a version. A trial needs no timer: `tuningAt` says what the document is once its time is over, and
 * whoever notices first writes that down.
 */
import { z } from "zod";
import { type StageName, stageNames } from "../stages.ts";

/** What each number may be. `words` are for people who gave another one. */
export const tuningLimits = {
  concurrency: { min: 1, max: 256, words: "concurrency is a whole number from 1 to 256; to stop a stage, pause it" },
  batch: { min: 1, max: 256, words: "batch is a whole number of captures from 1 to 256" },
  min: { min: 0, max: 1_000, words: "min is a whole number of workers from 0 to 1,000" },
  max: { min: 1, max: 1_000, words: "max is a whole number of workers from 1 to 1,000; to stop a stage, pause it" },
  goalMs: { min: 100, max: 3_600_000, words: "goal is from 0.1 to 3,600 seconds" },
} as const;

export type TunedNumber = keyof typeof tuningLimits;
export const tunedNumbers = Object.keys(tuningLimits) as TunedNumber[];
export const tuningFields = [...tunedNumbers, "paused"] as const;
export type TuningField = (typeof tuningFields)[number];

/** Only what differs from the deployment's defaults. */
export const StageTuning = z
  .object({
    /** Batches that one worker works on at a time. */
    concurrency: z.number().int(),
    /** Captures per job at most that are put on the stage's queue. */
    batch: z.number().int(),
    /** Worker processes. */
    min: z.number().int(),
    max: z.number().int(),
    /** Within which what is there shall be done. */
    goalMs: z.number().int(),
    paused: z.boolean(),
  })
  .partial();
export type StageTuning = z.infer<typeof StageTuning>;

const Stage = z.enum(stageNames);
export const TunedStages = z.partialRecord(Stage, StageTuning);
export type TunedStages = z.infer<typeof TunedStages>;

export const Tuning = z.object({
  version: z.number().int().min(0),
  /** When it came into force; of version 0, 0. */
  atMs: z.number(),
  stages: TunedStages,
  /** At `untilMs` the stages are as in `before` again. */
  trial: z.object({ untilMs: z.number(), before: TunedStages }).optional(),
});
export type Tuning = z.infer<typeof Tuning>;

export const untuned: Tuning = { version: 0, atMs: 0, stages: {} };

/** The document at a time: a trial that is over has been taken back, whether somebody wrote that down or not. */
export function tuningAt(tuning: Tuning, nowMs: number): Tuning {
  const { version, trial } = tuning;
  if (!trial || nowMs < trial.untilMs) return tuning;
  return { version: version + 1, atMs: trial.untilMs, stages: trial.before };
}

/**
 * The most captures per job on a stage's queue; undefined: as many as come. Preprocess writes one tensor per job, which
 * infer can only delete whole, so jobs that infer wants small are cut before preprocess.
 */
export function largestBatch({ stages }: Tuning, stage: StageName): number | undefined {
  const own = stages[stage]?.batch;
  const infer = stage === "preprocess" ? stages.infer?.batch : undefined;
  return own === undefined || infer === undefined ? (own ?? infer) : Math.min(own, infer);
}

const Tuned = z.union([z.number(), z.boolean()]).nullable();
/** A value of a field; null: the deployment's default. */
export type Tuned = z.infer<typeof Tuned>;

export const TuningLogEntry = z.object({
  /** That this entry made. */
  version: z.number().int(),
  atMs: z.number(),
  /** `timer` for a trial whose time was over, `system` for what was put back after Redis had lost it. */
  who: z.string(),
  why: z.string(),
  kind: z.enum(["change", "trial", "keep", "revert", "restore"]),
  changes: z.array(z.object({ stage: Stage, field: z.enum(tuningFields), from: Tuned, to: Tuned })),
  /** All that was tuned from then on: what a later restore brings back. */
  stages: TunedStages,
  trialUntilMs: z.number().optional(),
  /** The version that was brought back. */
  restores: z.number().int().optional(),
});
export type TuningLogEntry = z.infer<typeof TuningLogEntry>;
export type TunedChange = TuningLogEntry["changes"][number];

/** What differs between two, in the order of the pipeline. */
export function changesBetween(from: TunedStages, to: TunedStages): TunedChange[] {
  return stageNames.flatMap((stage) =>
    tuningFields.flatMap((field) => {
      const [before, after] = [from[stage]?.[field] ?? null, to[stage]?.[field] ?? null];
      return before === after ? [] : [{ stage, field, from: before, to: after }];
    }),
  );
}
