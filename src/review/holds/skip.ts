import type { PersonActor } from "../access/actor.ts";
import { actorName, appendActivity } from "../activity/append.ts";
import { inTransaction } from "../database/transaction.ts";
import { moveIncident } from "../incidents/move-incident.ts";
import type { ReviewContext } from "../review-context.ts";
import { endLease, lockPerson, requireHold } from "./lease.ts";

/** Passes an incident on to others: it is not offered to this person again for `skipMs`. */
export async function skipIncident(
  context: ReviewContext,
  actor: PersonActor,
  incidentId: number,
  { token, reason }: { token: number; reason: string },
): Promise<void> {
  await inTransaction(context.db, async (db) => {
    await lockPerson(db, actor);
    const { incident } = await requireHold(context, db, actor, { incidentId, token });
    await endLease(context, db, token, "skipped");
    await moveIncident(db, incident, "release");
    const until = new Date(context.now() + context.timing.skipMs);
    await db
      .insertInto("skips")
      .values({ user_id: actor.id, incident_id: incidentId, reason, until })
      .onConflict((conflict) => conflict.columns(["user_id", "incident_id"]).doUpdateSet({ reason, until }))
      .execute();
    // Whoever it was assigned to does not want it.
    await db
      .updateTable("incidents")
      .set({ assigned_to: null, assigned_until: null })
      .where("id", "=", incidentId)
      .where("assigned_to", "=", actor.id)
      .execute();
    await appendActivity(db, {
      actor: actorName(actor),
      kind: "incident-skipped",
      incidentId,
      streamId: incident.stream_id,
      details: { reason },
    });
  });
}
