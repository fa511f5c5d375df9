import type { Frame } from "../../review/contract/incident.ts";

export interface CurvePoint {
  captureId: string;
  score: number;
  /** Place in the chart, as percentages from its left and its top. */
  x: string;
  y: string;
}

/** Frames that have a score, in the order of capture, spread over the chart by time; all at one time: evenly. */
export function curveOf(frames: readonly Frame[]): CurvePoint[] {
  const scored = frames
    .flatMap(({ captureId, score, capturedAt }) =>
      score === null ? [] : [{ captureId, score, atMs: Date.parse(capturedAt) }],
    )
    .toSorted((one, other) => one.atMs - other.atMs);
  const [first, last] = [scored[0]?.atMs ?? 0, scored.at(-1)?.atMs ?? 0];
  return scored.map(({ captureId, score, atMs }, place) => {
    const share =
      last > first ? (atMs - first) / (last - first) : scored.length > 1 ? place / (scored.length - 1) : 0.5;
    return { captureId, score, x: percent(share), y: percent(1 - Math.min(1, Math.max(0, score))) };
  });
}

const percent = (share: number) => `${(share * 100).toFixed(2)}%`;
