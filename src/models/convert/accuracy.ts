import { evaluate } from "../../policy/evaluate.ts";
import type { Policy } from "../../policy/policy.ts";
import type { AccuracyReport } from "../repository/manifest.ts";
import { ConversionError } from "./conversion-error.ts";

export interface ScoresToCompare {
  /** Name of the model, as the policy knows it. */
  model: string;
  labels: readonly string[];
  /** [pictures, labels], row-major. */
  reference: Float32Array;
  converted: Float32Array;
  policy?: Policy;
}

/** What a report says besides where its pictures and its reference came from. */
export type ScoreDifferences = Omit<AccuracyReport, "reference" | "pictures" | "maxChangedShare">;

/**
 * Compares scores of the same pictures: per class the differences, and how many pictures would be judged otherwise.
 * @throws ConversionError for scores that are no finite numbers in 0..1, which thresholds could not be set for
 */
export function scoreDifferences({ model, labels, reference, converted, policy }: ScoresToCompare): ScoreDifferences {
  const count = converted.length / labels.length;
  for (const [what, scores] of [
    ["SavedModel", reference],
    ["converted model", converted],
  ] as const) {
    const odd = scores.find((score) => !(score >= -1e-3 && score <= 1.001));
    if (odd !== undefined)
      throw new ConversionError(
        Number.isFinite(odd)
          ? `the ${what} gives the score ${odd.toPrecision(4)}, and scores are in 0..1: if these are logits, add --activation softmax or sigmoid`
          : `the ${what} gives the score ${odd}: it cannot be served`,
      );
  }
  const named = Object.values(policy?.categories ?? {}).some((category) =>
    category.labels.some((label) => label.model === model),
  );
  const judged = (scores: Float32Array, row: number) => {
    const values = scores.subarray(row * labels.length, (row + 1) * labels.length);
    if (!policy || !named) return String(values.indexOf(Math.max(...values)));
    const byLabel = Object.fromEntries(labels.map((label, index) => [label, values[index] ?? 0]));
    const findings = evaluate(policy, [{ model, version: "", scores: byLabel }]);
    return findings
      .map(({ category }) => category)
      .toSorted()
      .join();
  };
  const rows = Array.from({ length: count }, (_, row) => row);
  const changed = rows.filter((row) => judged(reference, row) !== judged(converted, row)).length;
  return {
    count,
    perClass: labels.map((label, index) => {
      const differences = rows.map((row) => {
        const at = row * labels.length + index;
        return Math.abs((reference[at] ?? 0) - (converted[at] ?? 0));
      });
      const sum = differences.reduce((total, each) => total + each, 0);
      return { label, largest: Math.max(...differences), mean: sum / count };
    }),
    changedBy: named ? "verdict" : "top-label",
    ...(named && policy ? { policy: policy.version } : {}),
    changed,
    changedShare: changed / count,
  };
}
