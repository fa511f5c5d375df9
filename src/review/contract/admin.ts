/** What admins set: keys, people, and the named settings. */
import { z } from "zod";
import { Role, Scope } from "../access/roles.ts";
import { Action, ExposureLimits } from "./me.ts";

export const ApiKeyView = z.object({
  id: z.string(),
  name: z.string(),
  scopes: z.array(Scope),
  createdAt: z.string(),
  expiresAt: z.string(),
  lastUsedAt: z.string().nullable(),
  revokedAt: z.string().nullable(),
});
export type ApiKeyView = z.infer<typeof ApiKeyView>;

export const CreateKeyRequest = z.object({
  name: z.string().trim().min(1).max(80),
  scopes: z.array(Scope).min(1),
  expiresInDays: z.number().int().min(1).max(730).default(90),
});
/** `secret` is shown this once. */
export const CreatedKey = ApiKeyView.extend({ secret: z.string() });

export const UserView = z.object({
  id: z.string(),
  name: z.string(),
  subject: z.string(),
  role: Role,
  scopes: z.array(Scope),
  disabled: z.boolean(),
  /** Whether they are at their exposure limit now; never a figure, never a ranking. */
  atLimit: z.boolean(),
});
export type UserView = z.infer<typeof UserView>;
export const UpdateUserRequest = z.object({
  role: Role.optional(),
  scopes: z.array(Scope).optional(),
  disabled: z.boolean().optional(),
});

const days = z.number().int().min(1).max(3_650);
/** Days for which pictures are kept, by severity of the incident; `sampled` for those drawn at random. */
export const Retention = z.object({
  low: days.default(14),
  medium: days.default(30),
  high: days.default(90),
  severe: days.default(180),
  sampled: days.default(14),
});
export type Retention = z.infer<typeof Retention>;
/** When the setting first deletes (null: nothing is closed), and how many frames lose their pictures in the day from then. */
export const RetentionPreview = z.object({ deletes: z.number().int(), at: z.string().nullable() });
export type RetentionPreview = z.infer<typeof RetentionPreview>;

/** Milliseconds within which an incident should be decided. */
export const Targets = z.object({
  low: z.number().int().min(1_000).default(3_600_000),
  medium: z.number().int().min(1_000).default(900_000),
  high: z.number().int().min(1_000).default(300_000),
  severe: z.number().int().min(1_000).default(120_000),
});
export type Targets = z.infer<typeof Targets>;

export const Actions = z.object({ actions: z.array(Action).min(1).max(8) });

/** Each named setting and its shape; a missing one has its defaults. */
export const reviewSettings = {
  retention: Retention,
  exposure: ExposureLimits,
  targets: Targets,
  actions: Actions,
} as const;
export type ReviewSettingName = keyof typeof reviewSettings;
export const ReviewSettingName = z.enum(["retention", "exposure", "targets", "actions"]);

export const ReviewSetting = z.object({
  name: ReviewSettingName,
  value: z.record(z.string(), z.unknown()),
  version: z.number().int().describe("0: never changed"),
  changedBy: z.string().nullable(),
  changedAt: z.string().nullable(),
});
export type ReviewSetting = z.infer<typeof ReviewSetting>;
/** `version` is the one the change was made from; another one meanwhile is a 409. */
export const ChangeSettingRequest = z.object({ value: z.record(z.string(), z.unknown()), version: z.number().int() });
