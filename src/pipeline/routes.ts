/**
 * Where each capture of a batch goes after a stage: pure, so that every rule of hand-off can be tested.
 */
import type { Concluded, Rejection } from "../capture/item.ts";
import { backoffMs } from "./backoff.ts";
import { type AnyItem, type NewBatch, newBatchId, partId } from "./job.ts";
import type { Outcome } from "./stage.ts";
import { type StageName, stages } from "./stages.ts";

export interface Settled<In> {
  item: In;
  outcome: Outcome<AnyItem | null>;
}

export interface Routes {
  /** Captures that are done, for the next stage. */
  next: NewBatch<AnyItem>[];
  /** Captures to be tried again at this stage, one batch per waiting time. */
  again: NewBatch<AnyItem>[];
  /** Captures that leave the pipeline, for postprocess. */
  rejected: NewBatch<Concluded>[];
}

export interface RouteClock {
  /** Captures of the whole batch: its id goes on only with all of them, parts get ids of their own. */
  batchSize: number;
  startedAtMs: number;
  nowMs: number;
  /** Gives numbers in [0, 1). */
  random(): number;
}

/** Sorts the settled captures of one batch by where they go. A retry beyond the stage's attempts is a rejection. */
export function route<In extends AnyItem>(
  stage: StageName,
  batchId: string,
  settled: readonly Settled<In>[],
  clock: RouteClock,
): Routes {
  const done: AnyItem[] = [];
  const rejected: Concluded[] = [];
  const again = new Map<number, AnyItem[]>();
  const sharedRandom = clock.random(); // One draw a batch: its captures come back together, batches apart.

  for (const { item, outcome } of settled) {
    const times = { ...item.times, [stage]: { startedAtMs: clock.startedAtMs, finishedAtMs: clock.nowMs } };
    if (outcome.kind === "done") {
      if (outcome.value !== null) done.push({ ...outcome.value, attempt: 0, times });
    } else if (outcome.kind === "reject") {
      const { verdict, reason, detail } = outcome;
      rejected.push(conclude(item, { kind: "rejected", verdict, reason, detail }, times));
    } else {
      const attempt = outcome.free ? item.attempt : item.attempt + 1;
      if (attempt >= stages[stage].attempts) {
        const detail = `${outcome.detail ?? outcome.reason}; gave up after ${attempt} attempts`;
        rejected.push(
          conclude(item, { kind: "rejected", verdict: "unprocessable", reason: outcome.reason, detail }, times),
        );
        continue;
      }
      const wantedMs = outcome.afterMs ?? backoffMs(stages[stage].backoffMs, item.attempt, sharedRandom);
      // Never sleep past the deadline: a capture that cannot be tried in time leaves as expired at once.
      const delayMs =
        outcome.free && outcome.afterMs === undefined
          ? 0
          : Math.min(wantedMs, Math.max(0, item.deadlineAtMs - clock.nowMs + 1));
      again.set(delayMs, [...(again.get(delayMs) ?? []), { ...item, attempt }]);
    }
  }

  const complete = done.length === clock.batchSize ? batchId : undefined;
  return {
    next: done.length > 0 ? [{ batchId: complete ?? partId(batchId, done, "done"), items: done }] : [],
    again: [...again].map(([delayMs, items]) => ({ batchId: newBatchId(), items, delayMs })),
    rejected: rejected.length > 0 ? [{ batchId: partId(batchId, rejected, "rej"), items: rejected }] : [],
  };
}

/** The form in which postprocess takes a capture that another stage rejected. */
export function conclude(item: AnyItem, result: Rejection, times = item.times): Concluded {
  const image = "image" in item ? (item.image as Concluded["image"]) : undefined;
  const { capture, ingressId, deadlineAtMs, traceparent } = item;
  return { capture, ingressId, deadlineAtMs, traceparent, attempt: 0, times, image, result };
}
