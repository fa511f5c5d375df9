import type { PersonActor } from "../access/actor.ts";
import { mayActAs } from "../access/roles.ts";
import type { BudgetNotice } from "../contract/hold.ts";
import type { Db } from "../database/connection.ts";
import type { IncidentRow } from "../database/schema.ts";
import { mayOpenRestricted } from "../evidence/restriction.ts";
import type { ReviewContext } from "../review-context.ts";

/**
 * The most urgent incident that may be offered to this person, locked; one that another transaction is about to take
 * is passed over. Not offered: escalated ones to those who are no leads, what the person skipped lately, what is
 * assigned to somebody else, severe ones past the exposure budget, and restricted ones without the grant.
 *
 * @param above only incidents of a higher priority than this
 */
export async function nextIncident(
  context: ReviewContext,
  db: Db,
  actor: PersonActor,
  limits: { budget: BudgetNotice | null; above?: number },
): Promise<IncidentRow | undefined> {
  const now = new Date(context.now());
  const restricted = Object.entries(context.policy().categories).flatMap(([name, it]) => (it.restricted ? [name] : []));
  const lead = mayActAs(actor.role, "lead");
  const { budget, above } = limits;
  return (
    db
      .selectFrom("incidents as i")
      .selectAll("i")
      // Two lists that agree with the index on waiting incidents.
      .where("i.state", "in", lead ? ["open", "escalated"] : ["open"])
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
      )
      .$if(budget !== null, (query) => query.where("i.severity", "<>", "severe"))
      .$if(above !== undefined, (query) => query.where("i.priority", ">", above ?? 0))
      .$if(restricted.length > 0 && !mayOpenRestricted(actor), (query) =>
        query.where("i.category", "not in", restricted),
      )
      .orderBy((order) => order.case().when("i.assigned_to", "=", actor.id).then(0).else(1).end())
      .orderBy("i.priority", "desc")
      .orderBy("i.id")
      .limit(1)
      .forUpdate("i")
      .skipLocked()
      .executeTakeFirst()
  );
}
