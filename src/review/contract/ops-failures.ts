/** What went wrong in the pipeline, and captures that go through it again. */
import { z } from "zod";
import { Level } from "./ops.ts";

const FailureReason = z.object({
  verdict: z.enum(["unprocessable", "expired"]),
  reason: z.string(),
  /** What the reason means. */
  words: z.string(),
  fiveMinutes: z.number().int(),
  hour: z.number().int(),
});
export const Failures = z.object({
  at: z.string(),
  /** Most of the last hour first. */
  reasons: z.array(FailureReason),
  /** All verdicts, those of no failure among them. */
  verdicts: z.object({ fiveMinutes: z.number().int(), hour: z.number().int() }),
  level: Level,
});
export type Failures = z.infer<typeof Failures>;

export const UnprocessableId = z.string().regex(/^[\w-]{22}$/);
export const UnprocessableCapture = z.object({
  /** Of this failure: a capture that was redriven and failed again has another. */
  id: z.string(),
  captureId: z.string(),
  streamId: z.string().nullable().describe("null: the message was no valid capture"),
  capturedAt: z.string().nullable(),
  imageUri: z.string().nullable(),
  attributes: z.record(z.string(), z.string()),
  reason: z.string(),
  detail: z.string().nullable(),
  failedAt: z.string(),
  /** Pictures are kept for a quarter of an hour, and of many failures at once only of some. */
  picture: z.enum(["available", "none"]),
  /** The capture that this one is the redrive of. */
  redriveOf: z.string().nullable(),
  redriven: z.object({ at: z.string(), by: z.string(), captureId: z.string() }).nullable(),
  /** Why it cannot be redriven; null: it can. */
  cannotRedrive: z.string().nullable(),
});
export type UnprocessableCapture = z.infer<typeof UnprocessableCapture>;
export const UnprocessableQuery = z.object({
  reason: z.string().max(64).optional(),
  cursor: z.string().max(64).optional().describe("`next` of the page before"),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
/** Newest first. */
export const UnprocessablePage = z.object({
  items: z.array(UnprocessableCapture),
  next: z.string().nullable(),
  /** All that are remembered and match, by reason; of the last day, 2,000 at most. */
  total: z.number().int(),
  reasons: z.record(z.string(), z.number().int()),
});
export type UnprocessablePage = z.infer<typeof UnprocessablePage>;

export const RedriveScope = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("some"), ids: z.array(UnprocessableId).min(1).max(500) }),
  z.object({ kind: z.literal("reason"), reason: z.string().min(1).max(64) }),
  z.object({ kind: z.literal("all") }),
]);
export type RedriveScope = z.infer<typeof RedriveScope>;
/** `skip`: captures whose deadline is past, which nobody waits for any more, stay where they are. */
const PastDeadline = z.enum(["redrive", "skip"]).default("skip");
export const RedrivePreviewRequest = z.object({ scope: RedriveScope, pastDeadline: PastDeadline });
export const RedrivePreview = z.object({
  /** Give it back with the redrive: what failed after it is not in the scope. */
  asOf: z.string(),
  /** So many would be published. */
  count: z.number().int(),
  /** Of the scope: too late for their deadline, counted from when they were taken. Redriven, they get a new one. */
  pastDeadline: z.number().int(),
  redrivenBefore: z.number().int(),
  cannot: z.number().int().describe("No valid captures, or too large to be remembered whole"),
  reasons: z.record(z.string(), z.number().int()),
  oldestCapturedAt: z.string().nullable(),
  newestCapturedAt: z.string().nullable(),
  /** "12 captures of 3 streams go through the whole pipeline again, …" */
  words: z.string(),
});
export type RedrivePreview = z.infer<typeof RedrivePreview>;
/** `count` as the preview said; another one meanwhile is a 409. */
export const RedriveRequest = RedrivePreviewRequest.extend({
  asOf: z.iso.datetime(),
  count: z.number().int().min(1),
  why: z.string().trim().min(1).max(500),
});
export const RedriveAnswer = z.object({
  published: z.number().int(),
  /** Not taken by Pub/Sub; they can be redriven again. */
  failed: z.number().int(),
});
export type RedriveAnswer = z.infer<typeof RedriveAnswer>;
