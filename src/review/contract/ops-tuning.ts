/** Tuning of the pools: what is set, drafts and what they would do, and the log of changes. */
import { z } from "zod";
import { OpsStage } from "./ops.ts";

const known = z.number().nullable();

/** What can be tuned of a stage; absent or, in a change, null: the deployment's default. */
const tunable = {
  concurrency: z.number().int(),
  batch: z.number().int(),
  min: z.number().int(),
  max: z.number().int(),
  goalMs: z.number().int(),
};
export const TuningField = z.enum(["concurrency", "batch", "min", "max", "goalMs", "paused"]);
export type TuningField = z.infer<typeof TuningField>;
export const StageSettings = z.object({ ...tunable, paused: z.boolean() });
export type StageSettings = z.infer<typeof StageSettings>;
export const StageChange = z
  .object({
    concurrency: tunable.concurrency.nullable(),
    batch: tunable.batch.nullable(),
    min: tunable.min.nullable(),
    max: tunable.max.nullable(),
    goalMs: tunable.goalMs.nullable(),
    paused: z.boolean().nullable(),
  })
  .partial();
export type StageChange = z.infer<typeof StageChange>;
const perStage = <Value extends z.ZodType>(value: Value) => z.partialRecord(OpsStage, value);

export const TuningVersion = z.object({
  version: z.number().int(),
  at: z.string().nullable().describe("null: never tuned"),
  /** What differs from the deployment's defaults. */
  stages: perStage(StageSettings.partial()),
});
export type TuningVersion = z.infer<typeof TuningVersion>;
export const OpsTuning = TuningVersion.extend({
  /** A change that is taken back at `until` unless it is kept. */
  trial: z.object({ until: z.string(), before: perStage(StageSettings.partial()) }).nullable(),
  /** null where nobody tells: min, max and goal of a pool that nobody scales, or while they are tuned. */
  defaults: z.record(OpsStage, StageSettings.extend({ batch: known, min: known, max: known, goalMs: known })),
  /** What may be given, and what to say of what may not. */
  limits: z.record(
    z.enum(["concurrency", "batch", "min", "max", "goalMs"]),
    z.object({ min: z.number(), max: z.number(), words: z.string() }),
  ),
});
export type OpsTuning = z.infer<typeof OpsTuning>;

/** Only the fields that are named change. `version`: the one that the draft was made from. */
export const TuningChangeRequest = z.object({
  version: z.number().int().min(0),
  stages: perStage(StageChange),
});
export const TuningRequest = TuningChangeRequest.extend({
  why: z.string().trim().min(1).max(500),
  tryMs: z.number().int().min(10_000).max(3_600_000).optional().describe("Taken back after so long unless kept"),
});
export const TuningPreview = z.object({
  pools: z.array(
    z.object({
      stage: OpsStage,
      replicas: z.object({ from: z.number().int(), to: z.number().int() }),
      drainMs: z.object({ from: known, to: known }),
      reason: z.string(),
    }),
  ),
  /** The pool that limits the others. */
  bottleneck: z.object({ from: OpsStage.nullable(), to: OpsStage.nullable() }),
  /** "max under running: 2 will drain" */
  warnings: z.array(z.string()),
});
export type TuningPreview = z.infer<typeof TuningPreview>;
/** A change that is refused says in `stale` of the problem what it was made from, and what is there now. */
export const StaleTuning = z.object({ yours: z.number().int(), current: TuningVersion });
export type StaleTuning = z.infer<typeof StaleTuning>;

export const TuningStep = z.object({ version: z.number().int().min(0), why: z.string().trim().min(1).max(500) });
export const RestoreRequest = TuningStep.extend({ restore: z.number().int().min(0) });

const tuned = z.union([z.number(), z.boolean()]).nullable().describe("null: the default");
export const TuningLogEntry = z.object({
  version: z.number().int(),
  at: z.string(),
  /** A person's or key's name, `command line`, or `timer`. */
  who: z.string(),
  why: z.string(),
  kind: z.enum(["change", "trial", "keep", "revert", "restore"]),
  changes: z.array(z.object({ stage: OpsStage, field: TuningField, from: tuned, to: tuned })),
  trialUntil: z.string().nullable(),
  restores: z.number().int().nullable(),
  /** Age of the oldest capture of the stages that changed (of all, where none is named), before and five minutes later; null: not known, or not yet. */
  age: z.object({ beforeMs: known, afterMs: known }),
});
export type TuningLogEntry = z.infer<typeof TuningLogEntry>;
/** Newest first. */
export const TuningLog = z.object({ items: z.array(TuningLogEntry) });
export const TuningLogQuery = z.object({ limit: z.coerce.number().int().min(1).max(200).default(50) });
