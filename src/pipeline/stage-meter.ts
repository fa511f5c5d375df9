import { z } from "zod";
import { capturesTotal, stageSeconds } from "../telemetry/metrics.ts";
import type { AnyItem } from "./job.ts";
import type { Settled } from "./routes.ts";
import { createStageTimes } from "./stage-times.ts";
import type { StageName } from "./stages.ts";
import { type Counted, totalOf } from "./totals.ts";

/** What one worker process has done, as its pool's readers (board, scaling) see it. */
export const StageFigures = z.object({
  done: z.number(),
  retried: z.number(),
  rejected: z.number(),
  /** Batches under way. */
  active: z.number(),
  concurrency: z.number(),
  /** Before tuning; 0: not known. */
  defaultConcurrency: z.number().default(0),
  /** Of the tuning that it works with. */
  tuningVersion: z.number().default(0),
  /** Batches that came to an end. */
  batches: z.number(),
  /** Exponentially weighted milliseconds of a worker slot per capture. */
  serviceMsPerCapture: z.number(),
  /** Exponentially weighted. */
  capturesPerBatch: z.number(),
  p50Ms: z.number(),
  p95Ms: z.number(),
  atMs: z.number(),
});
export type StageFigures = z.infer<typeof StageFigures>;

/** What a worker works with now. */
export type WorkerSettings = Pick<StageFigures, "concurrency" | "defaultConcurrency" | "tuningVersion">;

export interface StageMeter {
  begin(): void;
  end(): void;
  /** Batches under way. */
  active(): number;
  /** Captures of a batch were handed on: all, or those that were ready first. */
  record(settled: readonly Settled<AnyItem>[], batchMs: number): void;
  /** The times of captures that were handed on. @param items as the stage got them */
  passed(items: readonly AnyItem[], startedAtMs: number, nowMs: number): void;
  /** A batch came to an end. Its parts would not do: a straggler alone is not what a capture costs. */
  recordBatch(captures: number, batchMs: number): void;
  figures(settings: WorkerSettings, nowMs: number): StageFigures;
  /** All that was counted, for the totals of all processes. */
  counted(): Counted;
}

const sampleCount = 256;
/** Of the latest batch. The first ones are averaged: a process's very first, which warms up, would count for long. */
const weightOf = (batches: number) => Math.max(0.1, 1 / batches);

/** Counts outcomes and keeps the last 256 batch times of one worker process. */
export function createStageMeter(stage: StageName): StageMeter {
  const counts = { done: 0, retried: 0, rejected: 0 };
  const samples: number[] = [];
  const times = createStageTimes(stage);
  let active = 0;
  let serviceMsPerCapture = 0;
  let capturesPerBatch = 0;
  let recorded = 0;
  let batches = 0;

  return {
    begin: () => void active++,
    end: () => void active--,
    active: () => active,
    record(settled, batchMs) {
      for (const { outcome } of settled) {
        if (outcome.kind === "done") counts.done++;
        else if (outcome.kind === "retry") counts.retried++;
        else counts.rejected++;
        capturesTotal.inc({ stage, outcome: outcome.kind, reason: outcome.kind === "done" ? "" : outcome.reason });
      }
      stageSeconds.observe({ stage }, batchMs / 1000);
      samples[recorded++ % sampleCount] = batchMs;
    },
    passed: times.passed,
    recordBatch(captures, batchMs) {
      times.served(captures, batchMs);
      const weight = weightOf(++batches);
      serviceMsPerCapture += weight * (batchMs / Math.max(1, captures) - serviceMsPerCapture);
      capturesPerBatch += weight * (captures - capturesPerBatch);
    },
    counted: () => ({
      [totalOf.outcome(stage, "done")]: counts.done,
      [totalOf.outcome(stage, "retried")]: counts.retried,
      [totalOf.outcome(stage, "rejected")]: counts.rejected,
      ...times.counted(),
    }),
    figures(settings, nowMs) {
      const sorted = samples.toSorted((a, b) => a - b);
      return {
        ...counts,
        ...settings,
        active,
        batches,
        serviceMsPerCapture,
        capturesPerBatch,
        p50Ms: quantile(sorted, 0.5),
        p95Ms: quantile(sorted, 0.95),
        atMs: nowMs,
      };
    },
  };
}

/** The q-quantile of sorted numbers, by the nearest rank; 0 of none. */
export function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1))] ?? 0;
}
