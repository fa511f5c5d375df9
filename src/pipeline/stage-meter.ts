import { capturesTotal, stageSeconds } from "../telemetry/metrics.ts";
import type { AnyItem } from "./job.ts";
import type { Settled } from "./routes.ts";
import type { StageName } from "./stages.ts";

/** What one worker process has done, as its pool's readers (board, autoscaler) see it. */
export interface StageFigures {
  done: number;
  retried: number;
  rejected: number;
  active: number;
  concurrency: number;
  /** Exponentially weighted milliseconds of a worker slot per capture. */
  serviceMsPerCapture: number;
  p50Ms: number;
  p95Ms: number;
  atMs: number;
}

export interface StageMeter {
  begin(): void;
  end(): void;
  /** Batches under way. */
  active(): number;
  record(settled: readonly Settled<AnyItem>[], batchMs: number): void;
  figures(concurrency: number, nowMs: number): StageFigures;
}

const sampleCount = 256;
const weight = 0.1;

/** Counts outcomes and keeps the last 256 batch times of one worker process. */
export function createStageMeter(stage: StageName): StageMeter {
  const counts = { done: 0, retried: 0, rejected: 0 };
  const samples: number[] = [];
  let active = 0;
  let serviceMsPerCapture = 0;
  let recorded = 0;

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
      const perCapture = batchMs / Math.max(1, settled.length);
      serviceMsPerCapture =
        recorded === 1 ? perCapture : serviceMsPerCapture + weight * (perCapture - serviceMsPerCapture);
    },
    figures(concurrency, nowMs) {
      const sorted = samples.toSorted((a, b) => a - b);
      return {
        ...counts,
        active,
        concurrency,
        serviceMsPerCapture,
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
