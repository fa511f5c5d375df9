/** Decisions, as moderators send them and as the platform receives them. */
import { z } from "zod";
import { Severity } from "../../capture/verdict.ts";

const Judgement = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("no-violation") }),
  z.object({
    outcome: z.literal("violation"),
    category: z.string().min(1).max(256).describe("Confirmed, or corrected"),
    action: z.string().min(1).max(64).describe("Id of one of the configured actions"),
  }),
]);

export const DecisionRequest = z.intersection(
  Judgement,
  z.object({
    token: z.number().int().describe("The fencing token of the hold"),
    seenThrough: z.number().int().min(0).describe("Number of the last frame shown"),
    note: z.string().max(4_000).default(""),
    withoutPicture: z.boolean().default(false),
    handlingMs: z.number().int().min(0).max(86_400_000).optional().describe("Time in view, breaks left out"),
  }),
);
export type DecisionRequest = z.infer<typeof DecisionRequest>;

export const BulkCloseRequest = z.intersection(
  Judgement,
  z.object({
    incidents: z
      .array(z.object({ id: z.number().int(), seenThrough: z.number().int() }))
      .min(1)
      .max(5_000),
    /** What the person typed: must equal the number of incidents. */
    count: z.number().int(),
    /** Incidents of these that were looked at: at least ten, or all if fewer. */
    lookedAt: z.array(z.number().int()).max(5_000),
    note: z.string().trim().min(1).max(4_000),
  }),
);
export const BulkCloseAnswer = z.object({
  closed: z.array(z.number().int()),
  /** Held, closed meanwhile, or grown by unseen frames. */
  refused: z.array(z.object({ id: z.number().int(), why: z.string() })),
});
export const AssignRequest = z.object({ incidents: z.array(z.number().int()).min(1).max(500), userId: z.string() });
export const ReopenRequest = z.object({ note: z.string().trim().min(1).max(4_000) });
export const LegalHoldRequest = z.object({ on: z.boolean(), reason: z.string().trim().min(1).max(4_000) });

/**
 * What is published on the topic `decisions`, with the ordering key `streamId`; at least once, so consumers treat a
 * repeated `decisionId` as the same. `supersedes` is the decision of the same incident that this one replaces, after
 * a reopening.
 */
export const DecisionMessage = z
  .object({
    schemaVersion: z.literal(1),
    decisionId: z.string(),
    incidentId: z.number().int(),
    streamId: z.string(),
    streamerId: z.string().nullable(),
    category: z.string().describe("What the pipeline found"),
    severity: Severity,
    outcome: z.enum(["no-violation", "violation"]),
    decidedCategory: z.string().nullable(),
    action: z.string().nullable(),
    note: z.string(),
    captureIds: z.array(z.string()).describe("Flagged or sampled captures that it covers"),
    seenThrough: z.number().int(),
    policyVersion: z.string(),
    decidedBy: z.string().describe("Id of the moderator"),
    decidedAt: z.string(),
    supersedes: z.string().nullable(),
  })
  .meta({ id: "Decision", title: "Decision, version 1" });
export type DecisionMessage = z.infer<typeof DecisionMessage>;
