import type { PersonActor } from "../access/actor.ts";
import { actorName, appendActivity } from "../activity/append.ts";
import { inTransaction } from "../database/transaction.ts";
import { changedNow, lockIncident } from "../incidents/move-incident.ts";
import type { ReviewContext } from "../review-context.ts";

/** Under legal hold an incident's evidence is kept whatever the retention says. */
export async function setLegalHold(
  context: ReviewContext,
  actor: PersonActor,
  incidentId: number,
  { on, reason }: { on: boolean; reason: string },
): Promise<void> {
  await inTransaction(context.db, async (db) => {
    const incident = await lockIncident(db, incidentId);
    if (incident.legal_hold === on) return;
    await db
      .updateTable("incidents")
      .set({ legal_hold: on, changed_at: changedNow })
      .where("id", "=", incidentId)
      .execute();
    await appendActivity(db, {
      actor: actorName(actor),
      kind: on ? "legal-hold-set" : "legal-hold-lifted",
      incidentId,
      streamId: incident.stream_id,
      details: { reason },
    });
  });
}
