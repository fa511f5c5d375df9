import type { PersonActor } from "../access/actor.ts";
import { actorName, appendActivity } from "../activity/append.ts";
import { inTransaction } from "../database/transaction.ts";
import { changedNow, lockIncident, moveIncident } from "../incidents/move-incident.ts";
import type { ReviewContext } from "../review-context.ts";
import { ReviewError } from "../review-error.ts";
import { countForStreamer } from "./streamer-record.ts";
import { retract } from "./undo.ts";

/**
 * Opens a closed incident again. A decision that has left stands at the platform until another replaces it
 * (`supersedes` names it there); one that has not left is undone.
 * @throws ReviewError `conflict` if it is not closed
 */
export async function reopenIncident(
  context: ReviewContext,
  actor: PersonActor,
  incidentId: number,
  { note }: { note: string },
): Promise<void> {
  await inTransaction(context.db, async (db) => {
    const incident = await lockIncident(db, incidentId);
    if (incident.state !== "closed") {
      throw new ReviewError("conflict", `incident ${incidentId} is ${incident.state}: only closed ones are reopened`);
    }
    const standing = await db
      .selectFrom("decisions as d")
      .innerJoin("outbox as o", "o.decision_id", "d.id")
      .select(["d.id", "d.outcome", "o.sent_at", "o.send_at", "o.payload"])
      .where("d.incident_id", "=", incidentId)
      .where("d.undone_at", "is", null)
      .where("d.superseded_at", "is", null)
      .executeTakeFirst();
    if (standing && standing.sent_at === null && standing.send_at.getTime() > context.now()) {
      await retract(context, db, actor, incident, standing.id);
    } else {
      if (standing) {
        await db
          .updateTable("decisions")
          .set({ superseded_at: new Date(context.now()), changed_at: changedNow })
          .where("id", "=", standing.id)
          .execute();
        await countForStreamer(db, standing.payload.streamerId, standing.outcome, -1);
      }
      await moveIncident(db, incident, "reopen");
    }
    await db
      .updateTable("incidents")
      .set((set) => ({ closed_at: null, reopened_count: set("reopened_count", "+", 1) }))
      .where("id", "=", incidentId)
      .execute();
    await appendActivity(db, {
      actor: actorName(actor),
      kind: "incident-reopened",
      incidentId,
      streamId: incident.stream_id,
      details: { note },
    });
  });
}
