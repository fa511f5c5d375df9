import type { ClassDifference, ThresholdCrossings } from "./comparison.ts";
import type { Ruling } from "./judge.ts";

/** Scores of one class by both models, of the same pictures. */
export interface ClassScores {
  label: string;
  a: readonly number[];
  b: readonly number[];
}

/**
 * Counts, for every threshold of the policy that the model's scores meet, those that lie near it and those that cross
 * it. A score that equals its threshold reaches it.
 */
export function thresholdCrossings(
  { policy, model }: Ruling,
  scores: readonly ClassScores[],
  differences: readonly ClassDifference[],
): ThresholdCrossings[] {
  return thresholdsOf({ policy, model }).map((each) => {
    const { a = [], b = [] } = scores.find(({ label }) => label === each.label) ?? {};
    const largest = differences.find(({ label }) => label === each.label)?.largest ?? 0;
    const { threshold } = each;
    return {
      ...each,
      near: a.filter((score) => Math.abs(score - threshold) <= largest).length,
      crossed: a.filter((score, index) => score >= threshold !== (b[index] ?? 0) >= threshold).length,
    };
  });
}

function thresholdsOf({ policy, model }: Ruling): Omit<ThresholdCrossings, "near" | "crossed">[] {
  return Object.entries(policy.categories).flatMap(([category, { labels, sustained }]) =>
    labels
      .filter((label) => label.model === model)
      .flatMap(({ label, threshold }) => [
        { category, label, rule: "single-frame" as const, threshold },
        ...(sustained ? [{ category, label, rule: "sustained" as const, threshold: sustained.threshold }] : []),
      ]),
  );
}
