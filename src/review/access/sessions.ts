/**
 * A person's signed-in browser. The cookie holds a random token, the table only its hash: who reads the table cannot
 * act as anybody.
 */
import type { Db } from "../database/connection.ts";
import type { PersonActor } from "./actor.ts";
import { hashOf, randomSecret } from "./secrets.ts";

export interface Session {
  actor: PersonActor;
  /** What the header x-csrf-token must say on every request that changes something. */
  csrf: string;
  expiresAtMs: number;
}

/** A working day; then the person signs in anew, and their role is asked for again. */
export const sessionMs = 12 * 3_600_000;

/** @returns the token for the cookie; it is kept nowhere else */
export async function openSession(db: Db, userId: string, nowMs: number): Promise<string> {
  const token = randomSecret();
  await db
    .insertInto("sessions")
    .values({
      hash: hashOf(token),
      user_id: userId,
      csrf: randomSecret(),
      created_at: new Date(nowMs),
      expires_at: new Date(nowMs + sessionMs),
    })
    .execute();
  return token;
}

/** The session of a cookie; undefined when it has ended or its person may not sign in any more. */
export async function findSession(db: Db, token: string, nowMs: number): Promise<Session | undefined> {
  const row = await db
    .selectFrom("sessions")
    .innerJoin("users", "users.id", "sessions.user_id")
    .select(["users.id", "users.name", "users.role", "users.scopes", "sessions.csrf", "sessions.expires_at"])
    .where("sessions.hash", "=", hashOf(token))
    .where("sessions.expires_at", ">", new Date(nowMs))
    .where("users.disabled_at", "is", null)
    .executeTakeFirst();
  if (!row) return undefined;
  const { id, name, role, scopes } = row;
  return {
    actor: { kind: "person", id, name, role, scopes },
    csrf: row.csrf,
    expiresAtMs: row.expires_at.getTime(),
  };
}

export async function closeSession(db: Db, token: string): Promise<void> {
  await db.deleteFrom("sessions").where("hash", "=", hashOf(token)).execute();
}

/** @returns how many had ended */
export async function sweepSessions(db: Db, nowMs: number): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom("sessions")
    .where("expires_at", "<=", new Date(nowMs))
    .executeTakeFirst();
  return Number(numDeletedRows);
}
