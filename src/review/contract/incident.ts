/** What the API says of incidents and their frames. Times are ISO 8601 in UTC, durations milliseconds. */
import { z } from "zod";
import { Finding, Severity } from "../../capture/verdict.ts";

export const IncidentState = z.enum(["open", "assigned", "escalated", "closed"]);
export type IncidentState = z.infer<typeof IncidentState>;

/** `sampled`: a clean capture drawn at random, one frame, so that what the models miss can be estimated. */
export const IncidentKind = z.enum(["flagged", "sampled"]);
export type IncidentKind = z.infer<typeof IncidentKind>;

/** `before`: came before the trigger, thumbnail only; `context`: clean, within a minute of the last flagged one. */
export const FrameKind = z.enum(["flagged", "sampled", "context", "before"]);
export type FrameKind = z.infer<typeof FrameKind>;

/** One summand of the priority, in points. `why` says it in words: "2,310 watching". */
export const PriorityTerm = z.object({
  name: z.enum(["severity", "live", "viewers", "history", "age"]),
  points: z.number(),
  why: z.string(),
});
export type PriorityTerm = z.infer<typeof PriorityTerm>;

/** Why no picture can be had: deleted by retention, store away, never kept, or kept from this person by law. */
export const PictureState = z.enum(["available", "expired", "none", "restricted"]);
export type PictureState = z.infer<typeof PictureState>;

export const Frame = z.object({
  captureId: z.string(),
  /** In order of arrival at the incident, from 1. Frames are listed by `capturedAt`. */
  number: z.number().int(),
  kind: FrameKind,
  capturedAt: z.string(),
  score: z.number().nullable().describe("Score in the incident's category, for the curve"),
  findings: z.array(Finding),
  picture: PictureState,
  thumbnail: PictureState,
  width: z.number().int().nullable(),
  height: z.number().int().nullable(),
  imageUri: z.string().nullable(),
});
export type Frame = z.infer<typeof Frame>;

/** Frames in order of arrival, for incidents of which the whole answer has a choice only. */
export const FramePage = z.object({
  items: z.array(Frame),
  next: z.number().int().nullable().describe("Give as `after` for the next page"),
});
export type FramePage = z.infer<typeof FramePage>;

export const Person = z.object({ id: z.string(), name: z.string(), initials: z.string() });
export type Person = z.infer<typeof Person>;

export const StreamFacts = z.object({
  streamId: z.string(),
  title: z.string().nullable(),
  streamerId: z.string().nullable(),
  live: z.boolean(),
  viewers: z.number().int().nullable(),
  startedAt: z.string().nullable(),
  endedAt: z.string().nullable(),
});
export type StreamFacts = z.infer<typeof StreamFacts>;

/** One row of the Queue. */
export const IncidentSummary = z.object({
  id: z.number().int(),
  stream: StreamFacts,
  category: z.string(),
  kind: IncidentKind,
  severity: Severity,
  state: IncidentState,
  openedAt: z.string(),
  lastFlaggedAt: z.string(),
  targetAt: z.string(),
  targetMs: z.number().int(),
  frameCount: z.number().int(),
  flaggedCount: z.number().int(),
  peakScore: z.number(),
  model: z.string(),
  modelVersion: z.string(),
  policyVersion: z.string(),
  priority: z.number(),
  holder: Person.nullable(),
  legalHold: z.boolean(),
  /** Grows with every change of the incident. */
  changedAt: z.string(),
});
export type IncidentSummary = z.infer<typeof IncidentSummary>;

export const DecisionView = z.object({
  id: z.string(),
  incidentId: z.number().int(),
  streamId: z.string(),
  by: Person,
  outcome: z.enum(["no-violation", "violation"]),
  category: z.string().nullable(),
  action: z.string().nullable(),
  note: z.string(),
  seenThrough: z.number().int(),
  withoutPicture: z.boolean(),
  decidedAt: z.string(),
  /** When it leaves for the platform; until then it can be undone. */
  sendAt: z.string(),
  sentAt: z.string().nullable(),
  undoneAt: z.string().nullable(),
});
export type DecisionView = z.infer<typeof DecisionView>;

export const Incident = IncidentSummary.extend({
  priorityTerms: z.array(PriorityTerm),
  frames: z.array(Frame).describe("At most 200; of longer incidents a choice, see docs/evidence.md"),
  /** Number of the newest frame: what a decision made now gives as `seenThrough`. */
  newestFrame: z.number().int(),
  /** The first flagged frame. */
  trigger: z.string(),
  history: z.object({ confirmed: z.number().int(), dismissed: z.number().int() }),
  /** Earlier incidents of the same streamer or stream, newest first, at most ten. */
  earlier: z.array(
    z.object({
      id: z.number().int(),
      category: z.string(),
      severity: Severity,
      closedAt: z.string().nullable(),
      outcome: z.enum(["no-violation", "violation"]).nullable(),
      action: z.string().nullable(),
    }),
  ),
  escalation: z.object({ at: z.string(), by: Person, note: z.string() }).nullable(),
  linkedTo: z.number().int().nullable(),
  linkedFrom: z.array(z.number().int()),
  decisions: z.array(DecisionView),
});
export type Incident = z.infer<typeof Incident>;

export const IncidentFilters = z.object({
  search: z.string().max(256).optional().describe("Part of a stream id or title, or a whole capture id"),
  severity: z.array(Severity).optional(),
  category: z.array(z.string().max(256)).optional(),
  state: z.array(IncidentState).optional(),
  model: z.array(z.string().max(256)).optional(),
  policyVersion: z.string().max(256).optional(),
  kind: IncidentKind.optional(),
  holder: z.string().max(64).optional().describe("Id of the person who holds it"),
});
export type IncidentFilters = z.infer<typeof IncidentFilters>;

export const IncidentPage = z.object({
  items: z.array(IncidentSummary),
  next: z.string().nullable().describe("Cursor of the next page"),
  /** All that match, not only this page. */
  total: z.number().int(),
});
export type IncidentPage = z.infer<typeof IncidentPage>;

export const ActivityEntry = z.object({
  id: z.number().int(),
  at: z.string(),
  actor: z.string().describe("`user:` or `key:` and an id, or `system`"),
  actorName: z.string().nullable().describe("Of the person or key, as it is now; null for the system"),
  kind: z.string(),
  incidentId: z.number().int().nullable(),
  streamId: z.string().nullable(),
  details: z.record(z.string(), z.unknown()),
});
export type ActivityEntry = z.infer<typeof ActivityEntry>;

/** Newest first. */
export const ActivityPage = z.object({
  items: z.array(ActivityEntry),
  next: z.string().nullable().describe("Cursor of the next page"),
});
export type ActivityPage = z.infer<typeof ActivityPage>;
