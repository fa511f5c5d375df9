import type { ModelScores } from "../capture/scores.ts";
import type { Policy } from "./policy.ts";

/** A label of a model. */
export interface LabelRef {
  model: string;
  label: string;
}

/** A label that no model scored is never over a threshold. */
export function scoreOf(scores: readonly ModelScores[], { model, label }: LabelRef): number {
  return scores.find((entry) => entry.model === model)?.scores[label] ?? Number.NEGATIVE_INFINITY;
}

/** Of several labels the one with the highest score; undefined when none was scored. */
export function topLabel<Label extends LabelRef>(
  scores: readonly ModelScores[],
  labels: readonly Label[],
): (Label & { score: number }) | undefined {
  return labels
    .map((each) => ({ ...each, score: scoreOf(scores, each) }))
    .filter(({ score }) => score > Number.NEGATIVE_INFINITY)
    .sort((a, b) => b.score - a.score)[0];
}

/** The scores of the labels that the policy names. */
export function namedScores(policy: Policy, scores: readonly ModelScores[]): ModelScores[] {
  const named = Object.values(policy.categories).flatMap(({ labels }) => labels);
  return scores.map((entry) => ({
    ...entry,
    scores: Object.fromEntries(
      Object.entries(entry.scores).filter(([label]) =>
        named.some((each) => each.model === entry.model && each.label === label),
      ),
    ),
  }));
}
