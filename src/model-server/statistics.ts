import type { ModelStatistics, StatisticDuration } from "../inference/protocol.ts";

export const failureReasons = ["REJECTED", "CANCELED", "BACKEND"] as const;
/** REJECTED: the queue was full · CANCELED: by the client · BACKEND: the model failed. Triton's names. */
export type FailureReason = (typeof failureReasons)[number];

export interface RequestTimes {
  rows: number;
  queueMs: number;
  inputMs: number;
  computeMs: number;
  outputMs: number;
  totalMs: number;
}

/** What a model version has done since it was loaded. */
export interface Statistics {
  succeeded(times: RequestTimes): void;
  failed(reason: FailureReason, totalMs: number): void;
  /** One batch of `rows` rows was computed. */
  executed(rows: number, times: { inputMs: number; computeMs: number; outputMs: number }): void;
  failures(): Record<FailureReason, number>;
  snapshot(name: string, version: string): ModelStatistics;
}

export function createStatistics(now: () => number = Date.now): Statistics {
  const total = {
    success: zero(),
    fail: zero(),
    queue: zero(),
    compute_input: zero(),
    compute_infer: zero(),
    compute_output: zero(),
  };
  const failures: Record<FailureReason, number> = { REJECTED: 0, CANCELED: 0, BACKEND: 0 };
  const batches = new Map<number, ModelStatistics["batch_stats"][number]>();
  let inferences = 0;
  let executions = 0;
  let lastAtMs = 0;
  return {
    succeeded({ rows, queueMs, inputMs, computeMs, outputMs, totalMs }) {
      inferences += rows;
      lastAtMs = now();
      add(total.success, totalMs);
      add(total.queue, queueMs);
      add(total.compute_input, inputMs);
      add(total.compute_infer, computeMs);
      add(total.compute_output, outputMs);
    },
    failed(reason, totalMs) {
      failures[reason]++;
      add(total.fail, totalMs);
    },
    executed(rows, { inputMs, computeMs, outputMs }) {
      executions++;
      const batch = batches.get(rows) ?? {
        batch_size: rows,
        compute_input: zero(),
        compute_infer: zero(),
        compute_output: zero(),
      };
      batches.set(rows, batch);
      add(batch.compute_input, inputMs);
      add(batch.compute_infer, computeMs);
      add(batch.compute_output, outputMs);
    },
    failures: () => ({ ...failures }),
    snapshot: (name, version) => ({
      name,
      version,
      last_inference: lastAtMs,
      inference_count: inferences,
      execution_count: executions,
      inference_stats: total,
      batch_stats: [...batches.values()].sort((a, b) => a.batch_size - b.batch_size),
    }),
  };
}

function zero(): StatisticDuration {
  return { count: 0, ns: 0 };
}

function add(duration: StatisticDuration, milliseconds: number): void {
  duration.count++;
  duration.ns += Math.max(0, Math.round(milliseconds * 1e6));
}
