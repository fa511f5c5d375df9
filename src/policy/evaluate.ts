import type { ModelScores } from "../capture/scores.ts";
import { type Finding, severities } from "../capture/verdict.ts";
import type { Policy } from "./policy.ts";

/**
 * The findings of one capture, worst first: per category the label furthest over its threshold.
 * A score equal to its threshold is a finding.
 */
export function evaluate(policy: Policy, scores: readonly ModelScores[]): Finding[] {
  const findings: Finding[] = [];
  for (const [category, { severity, labels }] of Object.entries(policy.categories)) {
    const over = labels
      .map(({ model, label, threshold }) => ({ model, label, threshold, score: scoreOf(scores, model, label) }))
      .filter((candidate) => candidate.score >= candidate.threshold)
      .sort((a, b) => b.score - b.threshold - (a.score - a.threshold))[0];
    if (over) findings.push({ category, severity, rule: "single-frame", ...over });
  }
  return findings.sort((a, b) => rank(b) - rank(a) || b.score - a.score);
}

/** Labels that the policy names and the models do not have. */
export function unknownLabels(policy: Policy, labelsOf: ReadonlyMap<string, readonly string[]>): string[] {
  return Object.values(policy.categories)
    .flatMap(({ labels }) => labels)
    .filter(({ model, label }) => !labelsOf.get(model)?.includes(label))
    .map(({ model, label }) => `${model}.${label}`);
}

const rank = (finding: Finding) => severities.indexOf(finding.severity);

/** A label that no model scored is never a finding. */
function scoreOf(scores: readonly ModelScores[], model: string, label: string): number {
  return scores.find((entry) => entry.model === model)?.scores[label] ?? Number.NEGATIVE_INFINITY;
}
