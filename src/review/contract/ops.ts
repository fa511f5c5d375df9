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

const ModelHistory = z.object({
  model: z.string(),
  version: z.string(),
  meanBatch: column,
  queueMs: column,
  computeMs: column,
});

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
