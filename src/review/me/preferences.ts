import { sql } from "kysely";
import { z } from "zod";
import { Preferences } from "../contract/me.ts";
import type { ReviewContext } from "../review-context.ts";

/** Any of the preferences, without the defaults: what is left out stays as it is. */
export const PreferencesChange = z.object(
  Object.fromEntries(Object.entries(Preferences.shape).map(([name, field]) => [name, field.unwrap().optional()])),
);

export async function readPreferences({ db }: ReviewContext, userId: string): Promise<Preferences> {
  const row = await db.selectFrom("users").select("preferences").where("id", "=", userId).executeTakeFirstOrThrow();
  return Preferences.parse(row.preferences);
}

/** @returns all of them, as they are now */
export async function changePreferences(
  { db }: ReviewContext,
  userId: string,
  change: z.infer<typeof PreferencesChange>,
): Promise<Preferences> {
  const row = await db
    .updateTable("users")
    .set({ preferences: sql<string>`preferences || ${JSON.stringify(change)}::jsonb` })
    .where("id", "=", userId)
    .returning("preferences")
    .executeTakeFirstOrThrow();
  return Preferences.parse(row.preferences);
}
