import type { ZodType } from "zod";
import type { Rejection } from "../capture/item.ts";
import type { ReasonCode } from "../capture/reasons.ts";
import type { Logger } from "../telemetry/logger.ts";
import type { StageName } from "./stages.ts";

/** What became of one capture at one stage. */
export type Outcome<Out> =
  | { kind: "done"; value: Out }
  | Retry
  | { kind: "reject"; verdict: Rejection["verdict"]; reason: ReasonCode; detail?: string };

export interface Retry {
  kind: "retry";
  reason: ReasonCode;
  detail?: string;
  /** Wait at least this long (a Retry-After header, say); else the stage's back-off. */
  afterMs?: number;
  /** true: the capture is not to blame (the model server is away), so the attempt is not counted. */
  free?: boolean;
}

export interface StageContext {
  /** Aborted when the worker must let go: it drains, or it lost the job's lock. */
  signal: AbortSignal;
  log: Logger;
  /** Milliseconds since 1970. */
  now(): number;
}

/**
 * One step of the pipeline, pure of queues. `run` gives one promise per item, in order, so that the finished
 * part of a batch can be handed on while a straggler is still at work. A rejected promise means a bug, and is
 * retried as `stage-error`.
 */
export interface Stage<In, Out> {
  name: StageName;
  input: ZodType<In>;
  run(items: readonly In[], context: StageContext): Promise<Outcome<Out>>[];
  /** Called once per batch with the items that have left the stage, not those to retry; deletes what only it needed. */
  release?(items: readonly In[]): Promise<void>;
}

/** For stages that work on a batch as a whole: the batch's outcomes as one promise per item. */
export function eachOf<Out>(count: number, outcomes: Promise<Outcome<Out>[]>): Promise<Outcome<Out>>[] {
  return Array.from({ length: count }, (_, index) =>
    outcomes.then((list) => {
      const outcome = list[index];
      if (!outcome) throw new Error(`a stage gave ${list.length} outcomes for ${count} captures`);
      return outcome;
    }),
  );
}
