import type { PersonActor } from "../access/actor.ts";
import { actorName, appendActivity } from "../activity/append.ts";
import { inTransaction } from "../database/transaction.ts";
import type { ReviewContext } from "../review-context.ts";
import { giveBack, lockPerson } from "./lease.ts";

/** Gives holds back: the page is hidden or closed, or its person takes a break. Those that have ended are passed over. */
export async function releaseHolds(
  context: ReviewContext,
  actor: PersonActor,
  tokens: readonly number[],
): Promise<void> {
  await inTransaction(context.db, async (db) => {
    await lockPerson(db, actor);
    const leases = await db
      .selectFrom("leases as l")
      .innerJoin("incidents as i", "i.id", "l.incident_id")
      .select(["l.token", "l.incident_id", "i.stream_id"])
      .where("l.token", "in", tokens)
      .where("l.user_id", "=", actor.id)
      .where("l.ended_at", "is", null)
      .orderBy("l.incident_id")
      .execute();
    for (const lease of leases) {
      if (!(await giveBack(context, db, lease, "released"))) continue;
      await appendActivity(db, {
        actor: actorName(actor),
        kind: "incident-released",
        incidentId: lease.incident_id,
        streamId: lease.stream_id,
      });
    }
  });
}
