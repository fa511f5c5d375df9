import type { ChangedPicture, ThresholdCrossings } from "./comparison.ts";

export interface ScorePair {
  label: string;
  /** Null for what is no finite number. */
  a: number | null;
  b: number | null;
}

/**
 * The scores of a picture that the models do not agree on, what made the difference first: what is no number, then what
 * reaches a threshold by one model alone, then what lies furthest apart.
 */
export function decisiveScores({ scores }: ChangedPicture, thresholds: readonly ThresholdCrossings[]): ScorePair[] {
  const single = thresholds.filter(({ rule }) => rule === "single-frame");
  const weight = ({ label, a, b }: ScorePair) => {
    if (a === null || b === null) return 3;
    const crosses = single.some((each) => each.label === label && a >= each.threshold !== b >= each.threshold);
    return (crosses ? 1.5 : 0) + Math.abs(b - a);
  };
  return Object.keys(scores.a)
    .map((label) => ({ label, a: scores.a[label] ?? null, b: scores.b[label] ?? null }))
    .toSorted((first, second) => weight(second) - weight(first));
}

/** "0.8012" */
export function scoreInWords(score: number | null): string {
  return score === null ? "no number" : score.toFixed(4);
}
