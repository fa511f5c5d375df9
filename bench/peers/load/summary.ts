import { quantile } from "../../../src/pipeline/stage-meter.ts";
import type { Sample } from "./open-loop.ts";

export interface LoadSummary {
  offeredPerSecond: number;
  answeredPerSecond: number;
  /** From the intended arrival to the answer; what got none counts as the time after which it was given up. */
  latencyMs: { p50: number; p95: number; p99: number };
  failed: number;
  captures: number;
  /** The 99th percentile is within the deadline, and answers come as fast as captures. */
  sustained: boolean;
}

/** What a viewer's safety can wait for. */
const deadlineMs = 5_000;
const leastShare = 0.95;

/**
 * What a load came to. The throughput is that of a stretch from a quarter of the load to its end; answers are counted
 * later than arrivals by what an answer took in the first quarter: a latency that stays the same takes nothing from the
 * throughput, one that grows does.
 */
export function summaryOf(samples: readonly Sample[], seconds: number, giveUpMs: number): LoadSummary {
  const [fromMs, toMs] = [seconds * 250, seconds * 1000];
  const within = (atMs: number) => atMs >= fromMs && atMs < toMs;
  const latencyOf = ({ atMs, answeredAtMs }: Sample) => (answeredAtMs === null ? giveUpMs : answeredAtMs - atMs);
  const sorted = (some: readonly Sample[]) => some.map(latencyOf).sort((a, b) => a - b);
  const lagMs = quantile(sorted(samples.filter(({ atMs }) => atMs < fromMs)), 0.5);
  const offered = samples.filter(({ atMs }) => within(atMs)).length;
  const answered = samples.filter(({ answeredAtMs }) => within((answeredAtMs ?? 0) - lagMs)).length;
  const latencies = sorted(samples);
  const latencyMs = { p50: quantile(latencies, 0.5), p95: quantile(latencies, 0.95), p99: quantile(latencies, 0.99) };
  const perSecond = 1000 / (toMs - fromMs);
  return {
    offeredPerSecond: offered * perSecond,
    answeredPerSecond: answered * perSecond,
    latencyMs,
    failed: samples.filter(({ answeredAtMs }) => answeredAtMs === null).length,
    captures: samples.length,
    sustained: latencyMs.p99 <= deadlineMs && answered >= leastShare * offered,
  };
}
