import type { Load } from "./load.ts";

/** What perf_analyzer found out about one model under one load. Times are means over the requests, but for percentiles. */
export interface Measurement {
  outcome: "measured";
  /** Answered requests, of one or more pictures. */
  requests: number;
  picturesPerSecond: number;
  /** From a request's departure until its answer is there, at the client. */
  latencyMs: Record<Percentile, number>;
  /** Pictures that the server computed at a time; undefined where it keeps no statistics. */
  meanBatch: number | undefined;
  /** At the server, per request: waiting for a batch or an instance, and being worked on. */
  queueMs: number | undefined;
  computeMs: number | undefined;
  /** Pictures a second in each window of the measurement: how steady it was. */
  windows: number[];
  /** Share of the requests that left later than they should have, the client being too slow. */
  delayedShare: number;
}

/** The server refused requests, its queue being full: no latency can be told of such a load. */
export interface Overloaded {
  outcome: "overloaded";
}

export const percentiles = ["p50", "p90", "p95", "p99"] as const;
export type Percentile = (typeof percentiles)[number];

export interface LoadResult {
  model: string;
  load: Load;
  result: Measurement | Overloaded;
}

/** Everything that one load test found out; what --json writes. */
export interface BenchReport {
  /** ISO 8601. */
  measuredAt: string;
  server: string;
  perfAnalyzer: string;
  /** "64 generated pictures" */
  pictures: string;
  picturesPerRequest: number;
  secondsPerLoad: number;
  models: { name: string; version: string; input: string; maxBatchSize: number }[];
  results: LoadResult[];
}
