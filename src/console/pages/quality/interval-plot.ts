/** A share with its 95 % interval, as a dot and a line on a scale from 0 to 1. */
import type { Proportion } from "../../../review/contract/quality.ts";

/** Below so many decisions the interval spans half the scale, and a dot would be read as a figure. */
export const leastDecisions = 30;

export type IntervalMark =
  | { kind: "figure"; dot: number; low: number; high: number }
  | { kind: "too-few" }
  | { kind: "none" };

export function markOf({ of, share, low, high }: Proportion): IntervalMark {
  if (of === 0 || share === null || low === null || high === null) return { kind: "none" };
  if (of < leastDecisions) return { kind: "too-few" };
  return { kind: "figure", dot: share, low, high };
}
