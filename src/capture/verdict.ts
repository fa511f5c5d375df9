import { z } from "zod";
import { reasonCodes } from "./reasons.ts";
import { ModelScores } from "./scores.ts";

export const severities = ["low", "medium", "high", "severe"] as const;
export const Severity = z.enum(severities);
export type Severity = z.infer<typeof Severity>;

/** One category over its threshold: the capture's own, or the lower one that several of its stream's captures reached. */
export const Finding = z.object({
  category: z.string(),
  severity: Severity,
  score: z.number().describe("This capture's score, whatever the rule"),
  threshold: z.number().describe("What the score had to reach by this rule"),
  rule: z.enum(["single-frame", "sustained"]),
  model: z.string(),
  label: z.string(),
  sustained: z
    .object({
      over: z.int().describe("Captures that reached the threshold"),
      of: z.int().describe("Captures that were looked at, in the order in which they were taken"),
      spanMs: z.number().describe("Time from the first of those to the last"),
    })
    .optional()
    .describe("The stream's captures that made a sustained finding, this one among them; absent for other rules"),
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

/** A capture of the same stream that came before the one that a verdict is on. */
export const EarlierCapture = z.object({
  captureId: z.string(),
  capturedAt: z.string(),
  scores: z.array(ModelScores).describe("Of the labels that the policy names"),
  thumbnail: z.string().nullable().describe("Reference into the evidence store; null if there is none any more"),
});
export type EarlierCapture = z.infer<typeof EarlierCapture>;

/** More would not fit on a screen, and the stream's memory has to end somewhere. */
export const maxEarlierCaptures = 20;

/**
 * What the pipeline says of a capture: exactly one per `captureId` matters; consumers must treat a
 * repeated one as the same (delivery is at least once). Published on the topic `verdicts` as JSON with
 * the attributes `verdict`, `captureId`, `streamId`, `category`, `severity` and `review`.
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
    review: z.enum(["flagged", "context", "sampled", "none"]).describe("Why a person should look at it"),
    evidence: z.string().nullable().describe("Reference into the evidence store"),
    thumbnail: z
      .string()
      .nullable()
      .default(null)
      .describe("Reference into the evidence store: a JPEG of at most 160 x 160 pixels"),
    width: z.int().nullable().default(null).describe("Pixels of the picture as it is seen, turned by its orientation"),
    height: z.int().nullable().default(null),
    before: z
      .array(EarlierCapture)
      .max(maxEarlierCaptures)
      .optional()
      .describe("On the first flagged verdict of a stream in a minute: its earlier captures, oldest first"),
    times: CaptureTimes,
    decidedAtMs: z.number(),
  })
  .meta({ id: "Verdict", title: "Verdict, version 1" });
export type Verdict = z.infer<typeof Verdict>;
