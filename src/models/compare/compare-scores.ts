import { CompareError } from "./compare-error.ts";
import type { ChangedPicture, Comparison } from "./comparison.ts";
import { judge, type Ruling } from "./judge.ts";
import { orderChanged, topChanged } from "./rank-changes.ts";
import { classDifference } from "./score-difference.ts";
import { thresholdCrossings } from "./threshold-crossings.ts";

/** Scores of one picture by both models, in the order of the labels. */
export interface ScoredPicture {
  name: string;
  a: readonly number[];
  b: readonly number[];
}

/** What a comparison says besides where its models and pictures came from. */
export type ScoreComparison = Pick<Comparison, "notFinite" | "classes" | "ranks" | "thresholds" | "changed">;

/**
 * Compares scores of the same pictures. Pure.
 * @throws CompareError `model-failed` for finite scores outside 0..1 where a policy has thresholds for them
 */
export function compareScores(
  pictures: readonly ScoredPicture[],
  labels: readonly string[],
  ruling: Ruling | undefined,
): ScoreComparison {
  if (ruling) refuseLogits(pictures);
  const finite = pictures.filter(({ a, b }) => [...a, ...b].every(Number.isFinite));
  const scores = labels.map((label, index) => ({
    label,
    a: finite.map(({ a }) => a[index] ?? 0),
    b: finite.map(({ b }) => b[index] ?? 0),
  }));
  const classes = scores.map(({ label, a, b }) => classDifference(label, a, b));
  const changed = pictures.flatMap((picture) => changeOf(picture, labels, ruling) ?? []);
  return {
    notFinite: { a: notFinite(pictures.map(({ a }) => a)), b: notFinite(pictures.map(({ b }) => b)) },
    classes,
    ranks: {
      top: finite.filter(({ a, b }) => topChanged(a, b)).length,
      order: finite.filter(({ a, b }) => orderChanged(a, b)).length,
    },
    thresholds: ruling ? thresholdCrossings(ruling, scores, classes) : [],
    changed: {
      by: ruling ? "verdict" : "top-label",
      count: changed.length,
      share: changed.length / Math.max(1, pictures.length),
      pictures: changed,
    },
  };
}

/** What the models make of a picture where they do not agree; undefined where they do. */
export function changeOf(
  { name, a, b }: ScoredPicture,
  labels: readonly string[],
  ruling: Ruling | undefined,
): ChangedPicture | undefined {
  const [byA, byB] = [judge(a, labels, ruling), judge(b, labels, ruling)];
  if (byA === byB) return undefined;
  return { name, a: byA, b: byB, scores: { a: byLabel(labels, a), b: byLabel(labels, b) } };
}

function byLabel(labels: readonly string[], scores: readonly number[]): Record<string, number | null> {
  const entries = labels.map((label, index): [string, number | null] => {
    const score = scores[index];
    return [label, score !== undefined && Number.isFinite(score) ? score : null];
  });
  return Object.fromEntries(entries);
}

const notFinite = (scores: readonly (readonly number[])[]) =>
  scores.filter((row) => !row.every(Number.isFinite)).length;

/** Rounding may leave 0..1 by a little. */
const slack = 1e-3;

function refuseLogits(pictures: readonly ScoredPicture[]): void {
  for (const { name, ...scores } of pictures)
    for (const model of ["a", "b"] as const) {
      const odd = scores[model].find((score) => Number.isFinite(score) && (score < -slack || score > 1 + slack));
      if (odd === undefined) continue;
      throw new CompareError(
        "model-failed",
        `${model.toUpperCase()} gives ${name} the score ${odd.toPrecision(4)}: the policy's thresholds are for scores in 0..1`,
      );
    }
}
