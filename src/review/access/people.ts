import { sql } from "kysely";
import type { Db } from "../database/connection.ts";
import { ReviewError } from "../review-error.ts";
import type { Role } from "./roles.ts";

export interface Identity {
  /** Unique over all sign-in services. */
  subject: string;
  name: string;
  role: Role;
}

const longestName = 80;

/**
 * Notes who signs in, with the name and role that they have now.
 * @returns the person's id
 * @throws ReviewError `forbidden` for those whom an admin has shut out
 */
export async function welcome(db: Db, { subject, name, role }: Identity): Promise<string> {
  const known = { name: readable(name), role };
  const row = await db
    .insertInto("users")
    .values({ subject, ...known })
    .onConflict((conflict) => conflict.column("subject").doUpdateSet(known))
    .returning(["id", sql<boolean>`disabled_at is not null`.as("disabled")])
    .executeTakeFirstOrThrow();
  if (row.disabled) throw new ReviewError("forbidden", "An admin has ended your access. Ask them if that is a mistake.");
  return row.id;
}

/** Names come from elsewhere: no control characters, whole characters only, and never so long that a page breaks. */
function readable(name: string): string {
  const clean = name
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}]/gu, "")
    .trim();
  return [...clean].slice(0, longestName).join("") || "(no name)";
}
