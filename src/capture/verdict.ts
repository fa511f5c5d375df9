import { z } from "zod";
import { reasonCodes } from "./reasons.ts";
import { ModelScores } from "./scores.ts";

export const severities = ["low", "medium", "high", "severe"] as const;
export const Severity = z.enum(severities);
export type Severity = z.infer<typeof Severity>;

/** One category over its threshold. */
export const Finding = z.object({
  category: z.string(),
  severity: Severity,
  score: z.number(),
  threshold: z.number(),
  rule: z.enum(["single-frame", "sustained"]),
  model: z.string(),
  label: z.string(),
});
export type Finding = z.infer<typeof Finding>;

export const verdictKinds = ["clean", "flagged", "unprocessable", "expired"] as const;
export const VerdictKind = z.enum(verdictKinds);
export type VerdictKind = z.infer<typeof VerdictKind>;

const StageTimes = z.object({ startedAtMs: z.number(), finishedAtMs: z.number() });

/** Milliseconds since 1970 at which the capture was received and passed each stage. */
export const CaptureTimes = z.object({
  receivedAtMs: z.number(),
  fetch: StageTimes.optional(),
  preprocess: StageTimes.optional(),
  infer: StageTimes.optional(),
  postprocess: StageTimes.optional(),
});
export type CaptureTimes = z.infer<typeof CaptureTimes>;

/**
 * What the pipeline says of a capture: exactly one per `captureId` matters; consumers must treat a
 * repeated one as the same (delivery is at least once). Published on the topic `verdicts` as JSON with
 * the attributes `verdict`, `captureId`, `streamId`, `category` and `review`.
 */
export const Verdict = z
  .object({
    schemaVersion: z.literal(1),
    captureId: z.string(),
    streamId: z.string().nullable().describe("null when the message was not a valid capture"),
    capturedAt: z.string().nullable(),
    imageUri: z.string().nullable(),
    attributes: z.record(z.string(), z.string()),
    verdict: VerdictKind,
    reason: z.enum(reasonCodes).nullable().describe("Why it is unprocessable or expired; null otherwise"),
    detail: z.string().nullable().describe("The reason in words, for people"),
    findings: z.array(Finding),
    scores: z.array(ModelScores),
    policyVersion: z.string(),
    review: z.enum(["flagged", "sampled", "none"]).describe("Why a person should look at it"),
    evidence: z.string().nullable().describe("Reference into the evidence store"),
    times: CaptureTimes,
    decidedAtMs: z.number(),
  })
  .meta({ id: "Verdict", title: "Verdict, version 1" });
export type Verdict = z.infer<typeof Verdict>;
