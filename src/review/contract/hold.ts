/** A moderator's hold on incidents: one on the screen, one in reserve. */
import { z } from "zod";
import { Incident, Person } from "./incident.ts";

export const Slot = z.enum(["current", "standby"]);
export type Slot = z.infer<typeof Slot>;

export const LeaseEnd = z.enum(["decided", "escalated", "skipped", "released", "expired", "taken-over", "swapped"]);
export type LeaseEnd = z.infer<typeof LeaseEnd>;

export const Hold = z.object({
  /** The fencing token: every act on the incident carries it. */
  token: z.number().int(),
  slot: Slot,
  expiresAt: z.string(),
  incident: Incident,
});
export type Hold = z.infer<typeof Hold>;

/** Why only milder incidents are offered, until when; null: no limit reached. */
export const BudgetNotice = z.object({
  severity: z.literal("severe"),
  until: z.string(),
  why: z.enum(["incidents", "time", "in-a-row"]),
});
export type BudgetNotice = z.infer<typeof BudgetNotice>;

/** What waits, for the bar: `oldestSevereAt` is null when no severe incident waits. */
export const Waiting = z.object({
  count: z.number().int(),
  oldestSevereAt: z.string().nullable(),
  lastArrivedAt: z.string().nullable(),
  /** More than three times the usual hour's; `share` names the largest category. */
  flood: z.object({ category: z.string(), policyVersion: z.string(), share: z.number() }).nullable(),
});
export type Waiting = z.infer<typeof Waiting>;

export const ClaimRequest = z.object({
  /** What the page already shows; a token missing here is not given back, only its incident sent anew. */
  known: z.array(z.number().int()).max(2).default([]),
});
export const Claim = z.object({
  current: Hold.nullable(),
  standby: Hold.nullable(),
  waiting: Waiting,
  budget: BudgetNotice.nullable(),
  serverTime: z.string(),
});
export type Claim = z.infer<typeof Claim>;

export const HeartbeatRequest = z.object({ tokens: z.array(z.number().int()).min(1).max(2) });
export const HeartbeatAnswer = z.object({
  holds: z.array(
    z.object({
      token: z.number().int(),
      /** null: the hold has ended. */
      expiresAt: z.string().nullable(),
      endedBy: LeaseEnd.nullable(),
      endedAt: z.string().nullable(),
      holder: Person.nullable().describe("Who holds the incident now, if somebody does"),
    }),
  ),
  serverTime: z.string(),
});
export type HeartbeatAnswer = z.infer<typeof HeartbeatAnswer>;

export const ReleaseRequest = z.object({
  tokens: z.array(z.number().int()).min(1).max(2),
  /** For beacons, which cannot set the header. */
  csrf: z.string().max(128).optional(),
});

export const TakeRequest = z.object({ takeOver: z.boolean().default(false) });

export const SkipRequest = z.object({
  token: z.number().int(),
  reason: z.enum(["unsure", "language", "too-hard", "know-them"]),
});
export const EscalateRequest = z.object({ token: z.number().int(), note: z.string().trim().min(1).max(4_000) });
