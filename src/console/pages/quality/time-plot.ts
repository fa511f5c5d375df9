/** Times from capture to decision, as bars of three parts on one scale. */
import type { Quality } from "../../../review/contract/quality.ts";

export const parts = ["pipeline", "waiting", "handling"] as const;
export type Part = (typeof parts)[number];
export const quantiles = ["p50", "p95"] as const;
export type Quantile = (typeof quantiles)[number];

export interface TimeBar {
  severity: Quality["times"][number]["severity"];
  quantile: Quantile;
  /** Start and length as shares of the scale. */
  segments: { part: Part; start: number; length: number; ms: number }[];
  /** The quantile of the whole. It is not the sum of the parts': one capture is rarely slow in all of them. */
  totalMs: number;
  decisions: number;
}

export interface TimePlot {
  bars: TimeBar[];
  scaleMs: number;
  ticksMs: number[];
}

/** Bars of the severities that had decisions, p50 and p95 each; none: an empty plot. */
export function timePlot(times: Quality["times"]): TimePlot {
  const told = times.filter(({ total }) => total.count > 0);
  const longest = Math.max(1, ...told.flatMap((time) => quantiles.map((quantile) => sumOf(time, quantile))));
  const { scaleMs, ticksMs } = scaleFor(longest);
  const bars = told.flatMap((time) => quantiles.map((quantile) => barOf(time, quantile, scaleMs)));
  return { bars, scaleMs, ticksMs };
}

function barOf(time: Quality["times"][number], quantile: Quantile, scaleMs: number): TimeBar {
  let start = 0;
  const segments = parts.map((part) => {
    const ms = msOf(time[part], quantile);
    const segment = { part, start, length: ms / scaleMs, ms };
    start += segment.length;
    return segment;
  });
  return {
    severity: time.severity,
    quantile,
    segments,
    totalMs: msOf(time.total, quantile),
    decisions: time.total.count,
  };
}

const msOf = (spread: Quality["times"][number]["total"], quantile: Quantile) =>
  (quantile === "p50" ? spread.p50Ms : spread.p95Ms) ?? 0;

const sumOf = (time: Quality["times"][number], quantile: Quantile) =>
  parts.reduce((sum, part) => sum + msOf(time[part], quantile), 0);

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const steps = [
  ...[0.001, 0.01, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30].map((count) => count * second),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * minute),
  ...[1, 2, 6, 12, 24, 72, 168].map((count) => count * hour),
];

/** A scale that ends just after `longestMs`, with at most six ticks at round times. */
function scaleFor(longestMs: number) {
  const step = steps.find((one) => longestMs / one <= 6) ?? Math.ceil(longestMs / (6 * hour)) * hour;
  const count = Math.ceil(longestMs / step);
  return { scaleMs: count * step, ticksMs: Array.from({ length: count + 1 }, (_, tick) => tick * step) };
}
