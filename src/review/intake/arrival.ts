/** A verdict as review takes it in: everything read, everything storable. */
import type { ModelScores } from "../../capture/scores.ts";
import { type EarlierCapture, type Finding, type Severity, severities, type Verdict } from "../../capture/verdict.ts";
import { topLabel } from "../../policy/label-scores.ts";
import type { Policy } from "../../policy/policy.ts";
import { newsOf, readTimeMs, type StreamNews } from "../streams/stream-facts.ts";
import { storableId, storableText } from "./storable.ts";

/** Times are milliseconds since 1970. */
export interface Arrival {
  kind: "flagged" | "sampled" | "context";
  captureId: string;
  streamId: string;
  capturedAtMs: number;
  receivedAtMs: number;
  decidedAtMs: number;
  /** Of the incident that it opens or joins; a context frame has none of its own. */
  subject: Subject | undefined;
  findings: Finding[];
  scores: ModelScores[];
  policyVersion: string;
  imageUri: string | null;
  evidence: string | null;
  thumbnail: string | null;
  width: number | null;
  height: number | null;
  before: EarlierArrival[];
  news: StreamNews;
}

/** What an incident is about. */
export interface Subject {
  category: string;
  severity: Severity;
  model: string;
  modelVersion: string;
}

export interface EarlierArrival {
  captureId: string;
  capturedAtMs: number;
  scores: ModelScores[];
  thumbnail: string | null;
}

/** Reads a verdict. Undefined if it is nothing for review: not marked for it, without a stream, or flagged for nothing. */
export function arrivalOf(verdict: Verdict, policy: Policy): Arrival | undefined {
  const { review: kind, streamId, times, decidedAtMs } = verdict;
  if (kind === "none" || streamId === null) return undefined;
  const subject = kind === "context" ? undefined : kind === "flagged" ? found(verdict) : nearest(verdict, policy);
  if (kind === "flagged" && !subject) return undefined;

  const receivedAtMs = validTimeMs(times.receivedAtMs) ?? validTimeMs(decidedAtMs) ?? 0;
  // A publisher whose clock is ahead must not hold the window of its incident open.
  const capturedAtMs = Math.min(readTimeMs(verdict.capturedAt) ?? receivedAtMs, receivedAtMs);
  return {
    kind,
    captureId: storableId(verdict.captureId),
    streamId: storableId(streamId),
    capturedAtMs,
    receivedAtMs,
    decidedAtMs: validTimeMs(decidedAtMs) ?? receivedAtMs,
    subject,
    findings: verdict.findings,
    scores: verdict.scores,
    policyVersion: storableText(verdict.policyVersion),
    imageUri: verdict.imageUri === null ? null : storableText(verdict.imageUri),
    evidence: verdict.evidence === null ? null : storableText(verdict.evidence),
    thumbnail: verdict.thumbnail === null ? null : storableText(verdict.thumbnail),
    width: verdict.width,
    height: verdict.height,
    before: (verdict.before ?? []).map((earlier) => earlierOf(earlier, capturedAtMs)),
    news: newsOf(verdict.attributes, capturedAtMs),
  };
}

/**
 * The score that the curve shows: of the category's finding, else the highest of the policy's labels for the category.
 * Null when neither is known.
 */
export function scoreIn(
  category: string,
  { findings = [], scores }: { findings?: readonly Finding[]; scores: readonly ModelScores[] },
  policy: Policy,
): number | null {
  const score =
    findings.find((finding) => storableText(finding.category) === category)?.score ??
    topLabel(scores, policy.categories[category]?.labels ?? [])?.score;
  return score === undefined ? null : Math.min(1, Math.max(0, score));
}

export const isWorse = (one: Severity, other: Severity) => severities.indexOf(one) > severities.indexOf(other);

/** The worst finding, and of equals the one with the highest score. */
function found({ findings, scores }: Verdict): Subject | undefined {
  const [worst] = findings.toSorted((a, b) =>
    a.severity === b.severity ? b.score - a.score : isWorse(a.severity, b.severity) ? -1 : 1,
  );
  if (!worst) return undefined;
  const { category, severity, model } = worst;
  return {
    category: storableText(category),
    severity,
    model: storableText(model),
    modelVersion: versionOf(model, scores),
  };
}

/** For a clean capture the category that it came nearest to. */
function nearest({ scores }: Verdict, policy: Policy): Subject {
  const [label] = Object.entries(policy.categories)
    .flatMap(([category, { labels }]) => labels.map((each) => ({ category, ...each, ...topLabel(scores, [each]) })))
    .filter(({ score }) => score !== undefined)
    .toSorted((a, b) => a.threshold - (a.score ?? 0) - (b.threshold - (b.score ?? 0)));
  const model = label?.model ?? scores[0]?.model ?? "";
  return {
    category: label?.category ?? "sample",
    severity: "low",
    model: storableText(model),
    modelVersion: versionOf(model, scores),
  };
}

const versionOf = (model: string, scores: readonly ModelScores[]) =>
  storableText(scores.find((entry) => entry.model === model)?.version ?? "");

function earlierOf(earlier: EarlierCapture, triggerAtMs: number): EarlierArrival {
  return {
    captureId: storableId(earlier.captureId),
    capturedAtMs: Math.min(readTimeMs(earlier.capturedAt) ?? triggerAtMs, triggerAtMs),
    scores: earlier.scores,
    thumbnail: earlier.thumbnail === null ? null : storableText(earlier.thumbnail),
  };
}

const validTimeMs = (ms: number) =>
  readTimeMs(Number.isFinite(ms) && Math.abs(ms) < 8e15 ? new Date(ms).toISOString() : "");
