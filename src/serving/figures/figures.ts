import type { TritonCounters } from "./triton-counters.ts";

export interface Sample {
  /** Of a clock that never goes back. */
  atMs: number;
  counters: TritonCounters;
}

/** How servers fared between two looks, all of them together. */
export interface Figures {
  requestsPerSecond: number;
  /** Rows in a batch; null: nothing was computed. */
  meanBatch: number | null;
  /** Milliseconds that a request waited in the queue; null: none succeeded. */
  meanQueueMs: number | null;
}

/** @param servers each looked at twice */
export function figuresOf(servers: readonly { before: Sample; after: Sample }[]): Figures {
  const total = { succeeded: 0, inferences: 0, executions: 0, queuedUs: 0 };
  let requestsPerSecond = 0;
  for (const { before, after } of servers) {
    const counted = since(before.counters, after.counters);
    total.succeeded += counted.succeeded;
    total.inferences += counted.inferences;
    total.executions += counted.executions;
    total.queuedUs += counted.queuedUs;
    // Servers are not asked at the same moment.
    requestsPerSecond += (counted.requests * 1_000) / Math.max(1, after.atMs - before.atMs);
  }
  return {
    requestsPerSecond,
    meanBatch: total.executions > 0 ? total.inferences / total.executions : null,
    meanQueueMs: total.succeeded > 0 ? total.queuedUs / total.succeeded / 1_000 : null,
  };
}

/** A server that was started anew in between counts from zero. */
function since(before: TritonCounters, after: TritonCounters): TritonCounters {
  const restarted =
    after.requests < before.requests || after.inferences < before.inferences || after.executions < before.executions;
  if (restarted) return after;
  return {
    requests: after.requests - before.requests,
    succeeded: after.succeeded - before.succeeded,
    inferences: after.inferences - before.inferences,
    executions: after.executions - before.executions,
    queuedUs: after.queuedUs - before.queuedUs,
  };
}
