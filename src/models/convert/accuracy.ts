import type { Policy } from "../../policy/policy.ts";
import { compareScores } from "../compare/compare-scores.ts";
import type { AccuracyReport } from "../repository/manifest.ts";
import { ConversionError } from "./conversion-error.ts";

export interface ScoresToCompare {
  /** Name of the model, as the policy knows it. */
  model: string;
  labels: readonly string[];
  /** Names of the pictures. */
  pictures: readonly string[];
  /** [pictures, labels], row-major: of the original, and of what was made of it. */
  reference: Float32Array;
  converted: Float32Array;
  policy?: Policy;
}

/** What a report says besides where its pictures and its reference came from. */
export type ScoreDifferences = Omit<AccuracyReport, "reference" | "pictures" | "maxChangedShare">;

/**
 * Compares scores of the same pictures: per class the differences, and which pictures would be judged otherwise: by the
 * policy, or by their top labels where it does not name the model.
 * @throws ConversionError for scores that are no finite numbers in 0..1, which thresholds could not be set for
 */
export function scoreDifferences(scores: ScoresToCompare): ScoreDifferences {
  const { model, labels, pictures, reference, converted, policy } = scores;
  refuseOdd("reference", reference);
  refuseOdd("converted model", converted);
  const rowOf = (values: Float32Array, row: number) => [
    ...values.subarray(row * labels.length, (row + 1) * labels.length),
  ];
  const rows = pictures.map((name, row) => ({ name, a: rowOf(reference, row), b: rowOf(converted, row) }));
  const named = Object.values(policy?.categories ?? {}).some((category) =>
    category.labels.some((label) => label.model === model),
  );
  const ruling = policy && named ? { policy, model } : undefined;
  const { classes, changed } = compareScores(rows, labels, ruling);
  return {
    count: rows.length,
    perClass: classes.map(({ label, largest, mean, fromDecimal }) => ({ label, largest, mean, fromDecimal })),
    changedBy: changed.by,
    ...(ruling ? { policy: ruling.policy.version } : {}),
    changed: changed.count,
    changedShare: changed.share,
    changedPictures: changed.pictures.map(({ name, a, b }) => ({ name, reference: a, converted: b })),
  };
}

function refuseOdd(what: string, scores: Float32Array): void {
  const odd = scores.find((score) => !(score >= -1e-3 && score <= 1.001));
  if (odd === undefined) return;
  throw new ConversionError(
    Number.isFinite(odd)
      ? `the ${what} gives the score ${odd.toPrecision(4)}, and scores are in 0..1: if these are logits, add --activation softmax or sigmoid`
      : `the ${what} gives the score ${odd}: it cannot be served`,
  );
}
