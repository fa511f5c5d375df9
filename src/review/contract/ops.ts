/**
 * What `/v1/ops` says of the pipeline. Ages and times of work are milliseconds, rates captures a second; null where
 * nothing is known, which is never the same as 0.
 *
 *     GET  state              OpsState, with an ETag: ask every second, 304 means nothing new
 *     GET  history            OpsHistory · ?after
 *     GET  failures, models   Failures, Models
 *     GET  unprocessable      UnprocessablePage · ?reason, cursor, limit
 *     GET  unprocessable/:id/picture      JPEG, for people of at least the role moderator · ?form=sharp|smoothed
 *     POST redrive/preview, redrive       RedrivePreviewRequest → RedrivePreview, RedriveRequest → RedriveAnswer
 *     GET  tuning             OpsTuning
 *     POST tuning/preview, tuning         TuningChangeRequest → TuningPreview, TuningRequest → OpsTuning
 *     POST tuning/keep, revert            TuningStep → OpsTuning
 *     POST tuning/restore                 RestoreRequest → OpsTuning
 *     GET  tuning/log         TuningLog · ?limit
 */
import { z } from "zod";
import { VerdictKind } from "../../capture/verdict.ts";

/** In the order of the pipeline. */
export const OpsStage = z.enum(["fetch", "preprocess", "infer", "postprocess"]);
export type OpsStage = z.infer<typeof OpsStage>;

/** Normal has no colour. When each number is what: docs/ops.md */
export const Level = z.enum(["normal", "warning", "breach"]);
export type Level = z.infer<typeof Level>;

const level = Level;
const known = z.number().nullable();
/** `forMs`: for how long it has been at this level. */
const levelled = { level, forMs: z.number() };
export const Measured = z.object({ value: known, ...levelled });
export type Measured = z.infer<typeof Measured>;

/** What keeps a pool from growing, or made it what it is. */
export const Holding = z.enum(["none", "limit", "goal", "next-full", "paused"]);
export type Holding = z.infer<typeof Holding>;

export const OpsPool = z.object({
  stage: OpsStage,
  oldestAgeMs: Measured,
  /** Within which what is there shall be done; of `oldestAgeMs` and `drainMs`. */
  goalMs: z.number(),
  /** Captures that wait, are held by workers, or come back later. */
  depth: z.number(),
  inFlight: z.number(),
  /** Until the depth is worked off at the present rate; null: nothing goes out. */
  drainMs: Measured,
  inPerSecond: known,
  outPerSecond: Measured,
  /** Milliseconds of a slot per capture, over a minute. */
  serviceMs: z.object({ p50: known, p95: known, hourP95: known, ...levelled }),
  /** From being put on the queue to being taken, 95 % of the last minute. */
  waitingP95Ms: known,
  /** Share of all slots at work, 0 to 1, mean of 10 s. */
  busy: Measured,
  replicas: z.object({
    /** null: nobody scales this pool. */
    wanted: z.number().int().nullable(),
    running: z.number().int(),
    starting: z.number().int(),
    draining: z.number().int(),
    min: z.number().int().nullable(),
    max: z.number().int().nullable(),
    holding: Holding,
    /** The rule's own words: "held: infer is saturated (5 would be needed)"; null: nobody scales this pool. */
    reason: z.string().nullable(),
    ...levelled,
  }),
  paused: z.boolean(),
  /** Worker processes by the version of the tuning that they work with, newest first. */
  versions: z.array(z.object({ version: z.number().int(), processes: z.number().int() })),
});
export type OpsPool = z.infer<typeof OpsPool>;

export const OpsState = z.object({
  /** When it was measured; the server's clock, as `now`. */
  at: z.string(),
  now: z.string(),
  data: z.object({ ageMs: z.number(), level }),
  /** The first thing to read, and the pool that it is about. */
  sentence: z.object({ text: z.string(), stage: OpsStage.nullable(), level }),
  /** Before the first pool. `held`: captures in ingress's hands, until their verdicts are durable. */
  intake: z.object({
    perSecond: known,
    held: z.number().int(),
    maxHeld: z.number().int(),
    /** Ingress holds as many as it may: more waits in Pub/Sub. */
    full: z.boolean(),
    processes: z.number().int(),
  }),
  pools: z.array(OpsPool).length(4),
  /** After the last pool: verdicts a second, mean of 10 s. */
  verdicts: z.object({
    perSecond: z.record(VerdictKind, known),
    /** From reception to verdict, over a minute. `goalMs`: the sum of the pools' goals. */
    endToEndP95Ms: Measured,
    goalMs: z.number(),
    /** Over five minutes. */
    fiveMinutes: z.record(VerdictKind, z.number().int()),
    /** Share of five minutes' verdicts that are unprocessable or expired. */
    failures: Measured,
  }),
  /** A capture older than this leaves as `expired`. */
  deadlineMs: z.number(),
  scaler: z.object({
    /** null: nobody has decided within the last minute. */
    driver: z.string().nullable(),
    by: z.string().nullable(),
    ageMs: z.number().nullable(),
  }),
  tuning: z.object({ version: z.number().int(), trialUntil: z.string().nullable() }),
});
export type OpsState = z.infer<typeof OpsState>;

/** Columns of numbers, one for each entry of `atMs`, oldest first; null where nothing was measured. */
const column = z.array(known);

export const PoolHistory = z.object({
  oldestAgeMs: column,
  depth: column,
  wanted: column,
  running: column,
  min: column,
  max: column,
  goalMs: column,
  serviceP50Ms: column,
  serviceP95Ms: column,
  waitingP95Ms: column,
  busy: column,
});
export type PoolHistory = z.infer<typeof PoolHistory>;

export const ModelHistory = z.object({
  model: z.string(),
  version: z.string(),
  meanBatch: column,
  queueMs: column,
  computeMs: column,
});
export type ModelHistory = z.infer<typeof ModelHistory>;

export const OpsHistoryQuery = z.object({
  after: z.coerce.number().int().min(0).default(0).describe("Milliseconds since 1970: only what came after"),
});
/** At most an hour, a sample every 5 s; one is missing where nobody measured. */
export const OpsHistory = z.object({
  stepMs: z.number().int(),
  atMs: z.array(z.number()),
  /** Captures a second. */
  flow: z.object({ in: column, clean: column, flagged: column, unprocessable: column, expired: column }),
  endToEndP95Ms: column,
  pools: z.record(OpsStage, PoolHistory),
  models: z.array(ModelHistory),
});
export type OpsHistory = z.infer<typeof OpsHistory>;

export const FailureReason = z.object({
  verdict: z.enum(["unprocessable", "expired"]),
  reason: z.string(),
  /** What the reason means. */
  words: z.string(),
  fiveMinutes: z.number().int(),
  hour: z.number().int(),
});
export const Failures = z.object({
  at: z.string(),
  /** Most of the last hour first. */
  reasons: z.array(FailureReason),
  /** All verdicts, those of no failure among them. */
  verdicts: z.object({ fiveMinutes: z.number().int(), hour: z.number().int() }),
  level,
});
export type Failures = z.infer<typeof Failures>;

export const UnprocessableId = z.string().regex(/^[\w-]{22}$/);
export const UnprocessableCapture = z.object({
  /** Of this failure: a capture that was redriven and failed again has another. */
  id: z.string(),
  captureId: z.string(),
  streamId: z.string().nullable().describe("null: the message was no valid capture"),
  capturedAt: z.string().nullable(),
  imageUri: z.string().nullable(),
  attributes: z.record(z.string(), z.string()),
  reason: z.string(),
  detail: z.string().nullable(),
  failedAt: z.string(),
  /** Pictures are kept for a quarter of an hour, and of many failures at once only of some. */
  picture: z.enum(["available", "none"]),
  /** The capture that this one is the redrive of. */
  redriveOf: z.string().nullable(),
  redriven: z.object({ at: z.string(), by: z.string(), captureId: z.string() }).nullable(),
  /** Why it cannot be redriven; null: it can. */
  cannotRedrive: z.string().nullable(),
});
export type UnprocessableCapture = z.infer<typeof UnprocessableCapture>;
export const UnprocessableQuery = z.object({
  reason: z.string().max(64).optional(),
  cursor: z.string().max(64).optional().describe("`next` of the page before"),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
/** Newest first. */
export const UnprocessablePage = z.object({
  items: z.array(UnprocessableCapture),
  next: z.string().nullable(),
  /** All that are remembered and match, by reason; of the last day, 2,000 at most. */
  total: z.number().int(),
  reasons: z.record(z.string(), z.number().int()),
});
export type UnprocessablePage = z.infer<typeof UnprocessablePage>;

export const RedriveScope = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("some"), ids: z.array(UnprocessableId).min(1).max(500) }),
  z.object({ kind: z.literal("reason"), reason: z.string().min(1).max(64) }),
  z.object({ kind: z.literal("all") }),
]);
export type RedriveScope = z.infer<typeof RedriveScope>;
/** `skip`: captures whose deadline is past, which nobody waits for any more, stay where they are. */
const PastDeadline = z.enum(["redrive", "skip"]).default("skip");
export const RedrivePreviewRequest = z.object({ scope: RedriveScope, pastDeadline: PastDeadline });
export const RedrivePreview = z.object({
  /** Give it back with the redrive: what failed after it is not in the scope. */
  asOf: z.string(),
  /** So many would be published. */
  count: z.number().int(),
  /** Of the scope: too late for their deadline, counted from when they were taken. Redriven, they get a new one. */
  pastDeadline: z.number().int(),
  redrivenBefore: z.number().int(),
  cannot: z.number().int().describe("No valid captures, or too large to be remembered whole"),
  reasons: z.record(z.string(), z.number().int()),
  oldestCapturedAt: z.string().nullable(),
  newestCapturedAt: z.string().nullable(),
  /** "12 captures of 3 streams go through the whole pipeline again, …" */
  words: z.string(),
});
export type RedrivePreview = z.infer<typeof RedrivePreview>;
/** `count` as the preview said; another one meanwhile is a 409. */
export const RedriveRequest = RedrivePreviewRequest.extend({
  asOf: z.iso.datetime(),
  count: z.number().int().min(1),
  why: z.string().trim().min(1).max(500),
});
export const RedriveAnswer = z.object({
  published: z.number().int(),
  /** Not taken by Pub/Sub; they can be redriven again. */
  failed: z.number().int(),
});
export type RedriveAnswer = z.infer<typeof RedriveAnswer>;

export const ModelFigures = z.object({
  model: z.string(),
  version: z.string(),
  state: z.enum(["ready", "loading", "unavailable"]),
  /** Why it is not ready. */
  reason: z.string().nullable(),
  /** Model servers that have it. */
  servers: z.number().int(),
  perSecond: known,
  /** Captures per execution; milliseconds a capture waited in the server's queue, and an execution took. */
  meanBatch: known,
  queueMs: known,
  computeMs: known,
  failedPerSecond: known,
});
export type ModelFigures = z.infer<typeof ModelFigures>;
/** Over the last minute. `problem`: why the model server says nothing now. */
export const Models = z.object({
  at: z.string().nullable(),
  models: z.array(ModelFigures),
  problem: z.string().nullable(),
});
export type Models = z.infer<typeof Models>;

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
  /** min, max and goal are null where nobody scales the pool. */
  defaults: z.record(OpsStage, StageSettings.extend({ min: known, max: known, goalMs: known })),
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
