/** Keys for machines. A key is shown once, when it is made; the table keeps its hash. */
import type { Selectable } from "kysely";
import type { ApiKeyView } from "../contract/admin.ts";
import type { Db } from "../database/connection.ts";
import type { Database } from "../database/schema.ts";
import type { Actor } from "./actor.ts";
import type { Scope } from "./roles.ts";
import { hashOf, randomSecret } from "./secrets.ts";

/** Lets scanners of leaked secrets know one when they see it. */
const prefix = "brk_";
const dayMs = 86_400_000;
/** Finer than this nobody needs to know, and every request would be a write. */
const lastUsedEveryMs = 60_000;

export interface KeyRequest {
  name: string;
  scopes: readonly Scope[];
  expiresInDays: number;
}

/** @param createdBy id of the admin; null: made on the server's own command line */
export async function createKey(
  db: Db,
  { name, scopes, expiresInDays }: KeyRequest,
  createdBy: string | null,
  nowMs: number,
): Promise<ApiKeyView & { secret: string }> {
  const secret = prefix + randomSecret();
  const row = await db
    .insertInto("api_keys")
    .values({
      name,
      hash: hashOf(secret),
      scopes: [...new Set(scopes)],
      created_by: createdBy,
      created_at: new Date(nowMs),
      expires_at: new Date(nowMs + expiresInDays * dayMs),
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  return { ...viewOf(row), secret };
}

/** Newest first, those that have ended included. */
export async function listKeys(db: Db): Promise<ApiKeyView[]> {
  return (await db.selectFrom("api_keys").selectAll().orderBy("created_at", "desc").execute()).map(viewOf);
}

/** @returns the key's name; undefined when there is none, or it was revoked before */
export async function revokeKey(db: Db, id: string, nowMs: number): Promise<string | undefined> {
  const row = await db
    .updateTable("api_keys")
    .set({ revoked_at: new Date(nowMs) })
    .where("id", "=", id)
    .where("revoked_at", "is", null)
    .returning("name")
    .executeTakeFirst();
  return row?.name;
}

/** Who acts with a key, which counts as used; undefined when it is unknown, expired or revoked. */
export async function findKey(db: Db, secret: string, nowMs: number): Promise<Actor | undefined> {
  if (!secret.startsWith(prefix)) return undefined;
  const row = await db
    .selectFrom("api_keys")
    .select(["id", "name", "scopes", "last_used_at"])
    .where("hash", "=", hashOf(secret))
    .where("expires_at", ">", new Date(nowMs))
    .where("revoked_at", "is", null)
    .executeTakeFirst();
  if (!row) return undefined;
  if (nowMs - (row.last_used_at?.getTime() ?? 0) >= lastUsedEveryMs) {
    await db
      .updateTable("api_keys")
      .set({ last_used_at: new Date(nowMs) })
      .where("id", "=", row.id)
      .execute();
  }
  return { kind: "key", id: row.id, name: row.name, role: null, scopes: row.scopes };
}

const viewOf = (row: Selectable<Database["api_keys"]>): ApiKeyView => ({
  id: row.id,
  name: row.name,
  scopes: row.scopes,
  createdAt: row.created_at.toISOString(),
  expiresAt: row.expires_at.toISOString(),
  lastUsedAt: row.last_used_at?.toISOString() ?? null,
  revokedAt: row.revoked_at?.toISOString() ?? null,
});
