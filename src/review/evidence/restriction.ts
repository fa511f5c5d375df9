/**
 * Pictures that the law restricts. An incident is restricted as a whole, pictures before and after the finding
 * included, as soon as one of its findings, or a person's decision on it, names a category that the policy restricts.
 */
import { type RawBuilder, type SqlBool, sql } from "kysely";
import type { Policy } from "../../policy/policy.ts";
import type { Actor } from "../access/actor.ts";
import { mayActAs } from "../access/roles.ts";
import type { Db } from "../database/connection.ts";

export function mayOpenRestricted(actor: Actor): boolean {
  return actor.kind === "person" && mayActAs(actor.role, "lead") && actor.scopes.includes("restricted");
}

export async function isRestricted(db: Db, policy: Policy, incidentId: number): Promise<boolean> {
  const condition = restricted(policy, sql`${incidentId}::bigint`);
  if (!condition) return false;
  const row = await db.selectNoFrom(condition.as("restricted")).executeTakeFirstOrThrow();
  return row.restricted === true;
}

/** The same as a condition on the incident of this id; undefined if the policy restricts nothing. */
export function restricted(policy: Policy, incidentId: RawBuilder<unknown>): RawBuilder<SqlBool> | undefined {
  const names = Object.entries(policy.categories).flatMap(([name, { restricted }]) => (restricted ? [name] : []));
  if (names.length === 0) return undefined;
  const findings = names.map((category) => JSON.stringify([{ category }]));
  return sql<SqlBool>`(
    exists (select from incidents as own where own.id = ${incidentId} and own.category = any(${names}))
    or exists (select from decisions
      where incident_id = ${incidentId} and category = any(${names}) and undone_at is null)
    or exists (select from frames
      where incident_id = ${incidentId} and findings @> any(${findings}::jsonb[])))`;
}
