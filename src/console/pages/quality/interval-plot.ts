/** A share with its 95 % interval, as a dot and a line on a scale from 0 to 1. */
import type { Proportion } from "../../../review/contract/quality.ts";

/** Below so many decisions the interval spans half the scale, and a dot would be read as a figure. */
const leastDecisions = 30;

export type IntervalMark =
  | { kind: "figure"; dot: number; low: number; high: number }
  | { kind: "too-few" }
  | { kind: "none" };

export function markOf({ of, share, low, high }: Proportion): IntervalMark {
  if (of === 0 || share === null || low === null || high === null) return { kind: "none" };
  if (of < leastDecisions) return { kind: "too-few" };
  return { kind: "figure", dot: share, low, high };
}

const scaleEnds = [0.02, 0.05, 0.1, 0.2, 0.5];

/** Where a scale from 0 ends that holds every interval shown: at a round share, 1 at most. */
export function scaleEnd(values: readonly Proportion[]): number {
  const highest = Math.max(0, ...values.map(markOf).map((mark) => (mark.kind === "figure" ? mark.high : 0)));
  return scaleEnds.find((end) => highest <= end) ?? 1;
}
