/** The named settings of review: each has its defaults until an admin changes it, and a version that grows. */
import { sql } from "kysely";
import type { z } from "zod";
import type { Actor } from "../access/actor.ts";
import { actorName, appendActivity } from "../activity/append.ts";
import {
  type ChangeSettingRequest,
  type ReviewSetting,
  type ReviewSettingName,
  reviewSettings,
} from "../contract/admin.ts";
import type { Db } from "../database/connection.ts";
import type { ReviewContext } from "../review-context.ts";
import { ReviewError } from "../review-error.ts";
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

/**
 * Changes a setting that is still as the admin saw it, and gives it as it is then.
 * @param change.version of the setting that the change was made from
 * @throws ReviewError `invalid`, naming each field · `stale-version` when somebody else changed it meanwhile
 */
export async function changeSetting(
  context: ReviewContext,
  actor: Actor,
  name: ReviewSettingName,
  change: z.infer<typeof ChangeSettingRequest>,
): Promise<ReviewSetting> {
  const to = validated(name, change.value);
  await context.db.transaction().execute(async (db) => {
    // Whoever comes second waits here for the first, and is refused.
    await sql`select pg_advisory_xact_lock(hashtext(${`setting ${name}`}))`.execute(db);
    const stored = await db
      .selectFrom("settings")
      .select(["value", "version"])
      .where("name", "=", name)
      .executeTakeFirst();
    if ((stored?.version ?? 0) !== change.version)
      throw new ReviewError("stale-version", `Somebody else changed the ${name} meanwhile: look at it and try again.`);
    const row = {
      value: JSON.stringify(to),
      version: change.version + 1,
      changed_by: actor.kind === "person" ? actor.id : null,
      changed_at: new Date(context.now()),
    };
    await db
      .insertInto("settings")
      .values({ name, ...row })
      .onConflict((conflict) => conflict.column("name").doUpdateSet(row))
      .execute();
    const from = schemas[name].parse(stored?.value ?? defaults[name]);
    const details = { name, from, to, version: row.version };
    await appendActivity(db, { actor: actorName(actor), kind: "setting-changed", details });
  });
  return describeSetting(context, name);
}

function validated(name: ReviewSettingName, value: unknown): ReviewSettings[ReviewSettingName] {
  const parsed = schemas[name].safeParse(value);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join(".") || "the value"}: ${message}`);
    throw new ReviewError("invalid", `The ${name} cannot be set so. ${problems.join("; ")}`);
  }
  if ("actions" in parsed.data) {
    const ids = parsed.data.actions.map(({ id }) => id);
    const repeated = ids.find((id, index) => ids.indexOf(id) !== index);
    if (repeated !== undefined) throw new ReviewError("invalid", `Two actions have the id ${repeated}.`);
  }
  return parsed.data;
}
