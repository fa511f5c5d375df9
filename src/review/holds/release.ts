import type { PersonActor } from "../access/actor.ts";
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
      .selectFrom("leases")
      .select(["token", "incident_id", "user_id"])
      .where("token", "in", tokens)
      .where("user_id", "=", actor.id)
      .where("ended_at", "is", null)
      .orderBy("incident_id")
      .execute();
    for (const lease of leases) await giveBack(context, db, lease, "released");
  });
}
