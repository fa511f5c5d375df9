import { type SelectQueryBuilder, sql } from "kysely";
import type { PersonActor } from "../access/actor.ts";
import { mayActAs } from "../access/roles.ts";
import type { BudgetNotice } from "../contract/hold.ts";
import type { Db } from "../database/connection.ts";
import type { Database, IncidentRow } from "../database/schema.ts";
import { mayOpenRestricted, restricted } from "../evidence/restriction.ts";
import type { ReviewContext } from "../review-context.ts";

export interface OfferLimits {
  /** Not null: severe incidents are not offered. */
  budget: BudgetNotice | null;
  /** Only incidents of a higher priority than this. */
  above?: number;
}

type Incidents = SelectQueryBuilder<Database & { i: Database["incidents"] }, "i", IncidentRow>;

/**
 * The incident that this person should see next, locked; one that another transaction is about to take is passed
 * over. First what is assigned to them, then, for leads, what is escalated, then the most urgent.
 *
 * Not offered: escalated ones to those who are no leads, what the person skipped lately, what is assigned to somebody
 * else, severe ones past the exposure budget, and restricted ones without the grant.
 */
export async function nextIncident(
  context: ReviewContext,
  db: Db,
  actor: PersonActor,
  limits: OfferLimits,
): Promise<IncidentRow | undefined> {
  const lead = mayActAs(actor.role, "lead");
  const states = lead ? (["open", "escalated"] as const) : (["open"] as const);
  const incidents = offered(context, db, actor, limits);
  // Each reads one index in its order, so that a claim costs the same however many wait.
  const lists: Incidents[] = [
    incidents.where("i.state", "in", states).where("i.assigned_to", "=", actor.id),
    ...(lead ? [incidents.where("i.state", "=", "escalated")] : []),
    incidents.where("i.state", "=", "open"),
  ];
  for (const list of lists) {
    const incident = await list
      .orderBy("i.priority", "desc")
      .orderBy("i.id")
      .limit(1)
      .forUpdate("i")
      .skipLocked()
      .executeTakeFirst();
    if (incident) return incident;
  }
  return undefined;
}

function offered(context: ReviewContext, db: Db, actor: PersonActor, { budget, above }: OfferLimits): Incidents {
  const now = new Date(context.now());
  const forbidden = mayOpenRestricted(actor) ? undefined : restricted(context.policy(), sql.ref("i.id"));
  let incidents = db
    .selectFrom("incidents as i")
    .selectAll("i")
    .where((where) =>
      where.or([
        where("i.assigned_to", "is", null),
        where("i.assigned_to", "=", actor.id),
        where("i.assigned_until", "<=", now),
      ]),
    )
    .where((where) =>
      where.not(
        where.exists(
          where
            .selectFrom("skips as s")
            .select("s.incident_id")
            .whereRef("s.incident_id", "=", "i.id")
            .where("s.user_id", "=", actor.id)
            .where("s.until", ">", now),
        ),
      ),
    );
  if (budget) incidents = incidents.where("i.severity", "<>", "severe");
  if (above !== undefined) incidents = incidents.where("i.priority", ">", above);
  if (forbidden) incidents = incidents.where((where) => where.not(forbidden));
  return incidents;
}
