/** Who is signed in, what they prefer, and what the console must know to begin. */
import { z } from "zod";
import { Severity } from "../../capture/verdict.ts";
import { Role, Scope } from "../access/roles.ts";

/** Kept on the server, so that they follow the person from desk to desk. */
export const Preferences = z.object({
  theme: z.enum(["dark", "light", "system"]).default("dark"),
  look: z.enum(["hold", "press"]).default("hold").describe("press: one press shows the picture for 5 s"),
  singleKeys: z.boolean().default(true),
  /** Command name → key, where it differs from the table. */
  keys: z.record(z.string().max(64), z.string().max(16)).default({}),
  undoMs: z.number().int().min(10_000).max(30_000).default(10_000),
  blur: z.number().min(0.01).max(0.1).nullable().default(null).describe("Share of the long edge; null: by severity"),
  coverLow: z.boolean().default(false),
  coverMedium: z.boolean().default(true),
  tone: z.enum(["by-severity", "colour", "muted", "grey", "sepia", "smoothed"]).default("by-severity"),
  size: z.enum(["S", "M", "L"]).nullable().default(null),
  brightness: z.number().min(0.4).max(1).default(1),
  spotlight: z.boolean().default(false),
  rows: z.enum(["comfortable", "compact"]).default("comfortable"),
  savedViews: z
    .array(z.object({ name: z.string().max(80), query: z.string().max(2_000) }))
    .max(30)
    .default([]),
});
export type Preferences = z.infer<typeof Preferences>;

/** Actions in order of force; severe ones need a second key and leave sooner. */
export const Action = z.object({
  id: z.string().min(1).max(64),
  label: z.string().min(1).max(40),
  /** "Warned", for "Warned stream 7120". */
  done: z.string().min(1).max(40),
  severe: z.boolean(),
  role: Role.default("moderator"),
});
export type Action = z.infer<typeof Action>;

/** What a policy says of a category, for the person who must apply it. */
export const CategoryWords = z.object({
  category: z.string(),
  severity: Severity,
  threshold: z.number(),
  counts: z.array(z.string()),
  doesNotCount: z.array(z.string()),
  restricted: z.boolean(),
});
export type CategoryWords = z.infer<typeof CategoryWords>;

export const ExposureLimits = z.object({
  severeIncidentsPerHour: z.number().int().min(1).default(40),
  severeMsPerHour: z.number().int().min(1_000).default(600_000),
  severeInARow: z.number().int().min(1).default(8),
  breakEveryMs: z.number().int().min(60_000).default(3_000_000),
  /** Floors that no preference goes below. */
  leastBlur: z.number().min(0).max(0.1).default(0.01),
  coverLow: z.boolean().default(false),
  coverMedium: z.boolean().default(false),
});
export type ExposureLimits = z.infer<typeof ExposureLimits>;

export const Exposure = z.object({
  /** Milliseconds revealed since midnight UTC, by severity; shown to that person alone. */
  today: z.record(Severity, z.number().int()),
  severeInHour: z.number().int(),
  severeMsInHour: z.number().int(),
});
export type Exposure = z.infer<typeof Exposure>;

export const Me = z.object({
  user: z.object({ id: z.string(), name: z.string(), initials: z.string(), role: Role, scopes: z.array(Scope) }),
  csrf: z.string(),
  preferences: Preferences,
  actions: z.array(Action),
  categories: z.array(CategoryWords),
  policyVersion: z.string(),
  limits: ExposureLimits,
  exposure: Exposure,
  timing: z.object({ leaseMs: z.number(), heartbeatMs: z.number(), severeUndoMs: z.number(), skipMs: z.number() }),
  serverTime: z.string(),
  /** Whether anybody on this machine may sign in with one click. */
  local: z.boolean(),
});
export type Me = z.infer<typeof Me>;

/** One look at a sharp picture. */
export const RevealRequest = z.object({
  reveals: z
    .array(
      z.object({
        incidentId: z.number().int(),
        captureId: z.string().max(256),
        ms: z.number().int().min(0).max(3_600_000),
        at: z.iso.datetime(),
      }),
    )
    .min(1)
    .max(100),
});
