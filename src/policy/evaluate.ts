import type { ModelScores } from "../capture/scores.ts";
import { type Finding, severities } from "../capture/verdict.ts";
import { scoreOf, topLabel } from "./label-scores.ts";
import type { Policy } from "./policy.ts";
import { type StreamFrame, sustainedBy } from "./sustained.ts";

/** A capture's id, and what is remembered of its stream: the captures that arrived before it, and itself. */
interface InStream {
  captureId: string;
  frames: readonly StreamFrame[];
}

/**
 * The findings of one capture, worst first: per category the label furthest over its threshold, or, where none is,
 * the sustained rule. A score equal to its threshold is a finding.
 *
 * @param stream absent when nothing is remembered: no sustained rule holds then
 */
export function evaluate(policy: Policy, scores: readonly ModelScores[], stream?: InStream): Finding[] {
  const findings: Finding[] = [];
  for (const [category, { severity, labels, sustained: rule }] of Object.entries(policy.categories)) {
    const over = labels
      .map(({ model, label, threshold }) => ({ model, label, threshold, score: scoreOf(scores, { model, label }) }))
      .filter((candidate) => candidate.score >= candidate.threshold)
      .sort((a, b) => b.score - b.threshold - (a.score - a.threshold))[0];
    if (over) {
      findings.push({ category, severity, rule: "single-frame", ...over });
      continue;
    }
    const top = topLabel(scores, labels);
    const sustained = rule && stream && sustainedBy(rule, labels, stream.captureId, stream.frames);
    if (!top || !sustained) continue;
    const { model, label, score } = top;
    const { threshold } = rule;
    findings.push({ category, severity, rule: "sustained", model, label, score, threshold, sustained });
  }
  return findings.sort((a, b) => rank(b) - rank(a) || b.score - a.score);
}

/** Whether the captures around it may matter to the verdict on a capture: it is a finding, or part of a pattern. */
export function concernsStream(policy: Policy, scores: readonly ModelScores[]): boolean {
  return Object.values(policy.categories).some(({ labels, sustained }) => {
    const lowest = sustained?.threshold ?? Number.POSITIVE_INFINITY;
    return labels.some((label) => scoreOf(scores, label) >= Math.min(label.threshold, lowest));
  });
}

const rank = (finding: Finding) => severities.indexOf(finding.severity);
