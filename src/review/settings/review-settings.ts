/** The named settings of review: each has its defaults until an admin changes it, and a version that grows. */
import type { z } from "zod";
import { type ReviewSetting, type ReviewSettingName, reviewSettings } from "../contract/admin.ts";
import type { Db } from "../database/connection.ts";
import type { ReviewContext } from "../review-context.ts";
import { defaultActions } from "./default-actions.ts";

export type ReviewSettings = { [Name in ReviewSettingName]: z.infer<(typeof reviewSettings)[Name]> };

const schemas: { [Name in ReviewSettingName]: z.ZodType<ReviewSettings[Name]> } = reviewSettings;
const defaults = { retention: {}, exposure: {}, targets: {}, actions: { actions: defaultActions } };

/** @param db the caller's transaction, where it has one: a second connection could be one too many */
export async function readSetting<Name extends ReviewSettingName>(
  context: ReviewContext,
  name: Name,
  db: Db = context.db,
): Promise<ReviewSettings[Name]> {
  const row = await db.selectFrom("settings").select("value").where("name", "=", name).executeTakeFirst();
  return schemas[name].parse(row?.value ?? defaults[name]);
}

/** The setting with who changed it last, and when. */
export async function describeSetting(context: ReviewContext, name: ReviewSettingName): Promise<ReviewSetting> {
  const row = await context.db
    .selectFrom("settings as s")
    .leftJoin("users as u", "u.id", "s.changed_by")
    .select(["s.value", "s.version", "s.changed_at", "u.name as changed_by"])
    .where("s.name", "=", name)
    .executeTakeFirst();
  return {
    name,
    value: schemas[name].parse(row?.value ?? defaults[name]),
    version: row?.version ?? 0,
    changedBy: row?.changed_by ?? null,
    changedAt: row?.changed_at.toISOString() ?? null,
  };
}
