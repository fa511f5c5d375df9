import { type Selectable, sql } from "kysely";
import type { z } from "zod";
import { actorName, appendActivity } from "../activity/append.ts";
import type { UpdateUserRequest, UserView } from "../contract/admin.ts";
import type { Db } from "../database/connection.ts";
import type { Database } from "../database/schema.ts";
import { inTransaction } from "../database/transaction.ts";
import { budgetOf } from "../exposure/budget.ts";
import type { ReviewContext } from "../review-context.ts";
import { ReviewError } from "../review-error.ts";
import type { PersonActor } from "./actor.ts";
import type { Role } from "./roles.ts";

export interface Identity {
  /** Unique over all sign-in services. */
  subject: string;
  name: string;
  role: Role;
}

const longestName = 80;

/**
 * Notes who signs in, with the name and role that they have now; in the caller's transaction.
 * @returns the person's id
 * @throws ReviewError `forbidden` for those whom an admin has shut out
 */
export async function welcome(db: Db, { subject, name, role }: Identity): Promise<string> {
  const known = { name: readable(name), role };
  const row = await db
    .insertInto("users")
    .values({ subject, ...known })
    .onConflict((conflict) => conflict.column("subject").doUpdateSet(known))
    .returning(["id", "disabled_at", sql<boolean>`xmax = 0`.as("created")])
    .executeTakeFirstOrThrow();
  if (row.disabled_at)
    throw new ReviewError("forbidden", "An admin has ended your access. Ask them if that is a mistake.");
  const actor = `user:${row.id}`;
  if (row.created) await appendActivity(db, { actor, kind: "user-created", details: { subject, name, role } });
  return row.id;
}

/** By name. */
export async function listUsers(context: ReviewContext): Promise<UserView[]> {
  const rows = await context.db.selectFrom("users").selectAll().orderBy("name").orderBy("id").execute();
  return Promise.all(rows.map((row) => viewOf(context, row)));
}

/**
 * Changes a person's role or scopes, or ends or restores their access; all of it counts from their next request on.
 * @param options.rolesAreGiven by the sign-in service, anew at each sign-in
 * @throws ReviewError `not-found` · `conflict`
 */
export async function changeUser(
  context: ReviewContext,
  admin: PersonActor,
  id: string,
  change: z.infer<typeof UpdateUserRequest>,
  { rolesAreGiven }: { rolesAreGiven: boolean },
): Promise<UserView> {
  const { role, scopes, disabled } = change;
  if (role !== undefined && rolesAreGiven)
    throw new ReviewError("conflict", "Roles come from the sign-in service: change the person's groups there.");
  if (id === admin.id && (disabled || (role !== undefined && role !== "admin")))
    throw new ReviewError("conflict", "You cannot take your own access away: ask another admin.");
  const row = await inTransaction(context.db, async (db) => {
    const before = await db.selectFrom("users").selectAll().where("id", "=", id).forUpdate().executeTakeFirst();
    if (!before) throw new ReviewError("not-found", "There is no such person.");
    const disabledAt = disabled ? (before.disabled_at ?? new Date(context.now())) : null;
    const after = await db
      .updateTable("users")
      .set({
        role: role ?? before.role,
        scopes: scopes ? [...new Set(scopes)] : before.scopes,
        disabled_at: disabled === undefined ? before.disabled_at : disabledAt,
      })
      .where("id", "=", id)
      .returningAll()
      .executeTakeFirstOrThrow();
    if (after.disabled_at) await db.deleteFrom("sessions").where("user_id", "=", id).execute();
    const details = { id, name: after.name, from: rightsOf(before), to: rightsOf(after) };
    await appendActivity(db, { actor: actorName(admin), kind: "user-changed", details });
    return after;
  });
  return viewOf(context, row);
}

type UserRow = Selectable<Database["users"]>;

const rightsOf = ({ role, scopes, disabled_at }: UserRow) => ({ role, scopes, disabled: disabled_at !== null });

async function viewOf(context: ReviewContext, row: UserRow): Promise<UserView> {
  const { id, name, subject } = row;
  return { id, name, subject, ...rightsOf(row), atLimit: (await budgetOf(context, id)) !== null };
}

/** Names come from elsewhere: no control characters, whole characters only, and never so long that a page breaks. */
function readable(name: string): string {
  const clean = name
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}]/gu, "")
    .trim();
  return [...clean].slice(0, longestName).join("") || "(no name)";
}
