import { sql } from "kysely";
import type { Db } from "../database/connection.ts";
import type { IncidentRow } from "../database/schema.ts";
import { ReviewError } from "../review-error.ts";
import { type IncidentEvent, transition } from "./state-machine.ts";

/** The clock of the database, so that readers of changes see them in one order whichever process wrote them. */
export const changedNow = sql<Date>`clock_timestamp()`;

/**
 * Locks an incident until the transaction ends. Everything that changes an incident, its holds or its decisions takes
 * this lock first.
 * @throws ReviewError `not-found`
 */
export async function lockIncident(db: Db, incidentId: number): Promise<IncidentRow> {
  const row = await db.selectFrom("incidents").selectAll().where("id", "=", incidentId).forUpdate().executeTakeFirst();
  if (!row) throw new ReviewError("not-found", `there is no incident ${incidentId}`);
  return row;
}

/**
 * Moves a locked incident to where the event leads.
 * @throws ReviewError `conflict` where the event may not happen
 */
export async function moveIncident(db: Db, incident: IncidentRow, event: IncidentEvent): Promise<IncidentRow> {
  const to = transition({ state: incident.state, escalated: incident.escalated_at !== null }, event);
  if (!to) throw new ReviewError("conflict", `incident ${incident.id} is ${incident.state}: it cannot ${event} now`);
  return db
    .updateTable("incidents")
    .set({
      state: to.state,
      changed_at: changedNow,
      ...(to.escalated ? {} : { escalated_at: null, escalated_by: null, escalation_note: null }),
    })
    .where("id", "=", incident.id)
    .returningAll()
    .executeTakeFirstOrThrow();
}
