import type { ModelScores } from "../../capture/scores.ts";
import { evaluate } from "../../policy/evaluate.ts";
import type { Policy } from "../../policy/policy.ts";

/** A policy, and the name by which it knows the models that are compared. */
export interface Ruling {
  policy: Policy;
  model: string;
}

/**
 * What one picture's scores come to: the categories found, in alphabetical order, "clean", or "unprocessable" for scores
 * that are no finite numbers, which the infer stage refuses. Without a policy the label with the highest score.
 *
 * A picture by itself has no stream, so that sustained rules find nothing.
 */
export function judge(scores: readonly number[], labels: readonly string[], ruling: Ruling | undefined): string {
  if (!scores.every(Number.isFinite)) return "unprocessable";
  if (!ruling) return labels[scores.indexOf(Math.max(...scores))] ?? "";
  const { policy, model } = ruling;
  const byLabel = Object.fromEntries(labels.map((label, index) => [label, scores[index] ?? 0]));
  const own: ModelScores = { model, version: "", scores: byLabel };
  const found = evaluate(policy, [own]).map(({ category }) => category);
  return found.toSorted().join(", ") || "clean";
}
