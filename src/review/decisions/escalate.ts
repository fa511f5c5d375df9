import type { PersonActor } from "../access/actor.ts";
import { actorName, appendActivity } from "../activity/append.ts";
import { inTransaction } from "../database/transaction.ts";
import { endLease, lockPerson, requireHold } from "../holds/lease.ts";
import { moveIncident } from "../incidents/move-incident.ts";
import type { ReviewContext } from "../review-context.ts";

/** Passes an incident that the actor holds to the leads, with a note. */
export async function escalate(
  context: ReviewContext,
  actor: PersonActor,
  incidentId: number,
  { token, note }: { token: number; note: string },
): Promise<void> {
  await inTransaction(context.db, async (db) => {
    await lockPerson(db, actor);
    const { incident } = await requireHold(context, db, actor, { incidentId, token });
    await endLease(context, db, token, "escalated");
    await moveIncident(db, incident, "escalate");
    await db
      .updateTable("incidents")
      .set({
        escalated_at: new Date(context.now()),
        escalated_by: actor.id,
        escalation_note: note,
        assigned_to: null,
        assigned_until: null,
      })
      .where("id", "=", incidentId)
      .execute();
    await appendActivity(db, {
      actor: actorName(actor),
      kind: "incident-escalated",
      incidentId,
      streamId: incident.stream_id,
      details: { note },
    });
  });
}
