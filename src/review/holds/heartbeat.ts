import { type PersonActor, personOf } from "../access/actor.ts";
import type { HeartbeatAnswer } from "../contract/hold.ts";
import { inTransaction } from "../database/transaction.ts";
import type { ReviewContext } from "../review-context.ts";
import { lockPerson } from "./lease.ts";

/** Renews a person's holds; for one that has ended, says when, how, and who has the incident now. */
export async function heartbeat(
  context: ReviewContext,
  actor: PersonActor,
  tokens: readonly number[],
): Promise<HeartbeatAnswer> {
  const now = new Date(context.now());
  const expiresAt = new Date(context.now() + context.timing.leaseMs);
  const rows = await inTransaction(context.db, async (db) => {
    await lockPerson(db, actor);
    await db
      .updateTable("leases")
      .set({ expires_at: expiresAt })
      .where("token", "in", tokens)
      .where("user_id", "=", actor.id)
      .where("ended_at", "is", null)
      .where("expires_at", ">", now)
      .execute();
    return db
      .selectFrom("leases as l")
      .leftJoin("leases as present", (join) =>
        join
          .onRef("present.incident_id", "=", "l.incident_id")
          .on("present.ended_at", "is", null)
          .onRef("present.token", "<>", "l.token"),
      )
      .leftJoin("users as u", "u.id", "present.user_id")
      .select(["l.token", "l.expires_at", "l.ended_at", "l.ended_by", "u.id", "u.name"])
      .where("l.token", "in", tokens)
      .where("l.user_id", "=", actor.id)
      .execute();
  });
  return {
    holds: tokens.map((token) => {
      const row = rows.find((each) => each.token === token);
      if (!row) return { token, expiresAt: null, endedBy: null, endedAt: null, holder: null };
      const live = row.ended_at === null && row.expires_at > now;
      return {
        token,
        expiresAt: live ? row.expires_at.toISOString() : null,
        endedBy: live ? null : (row.ended_by ?? "expired"),
        endedAt: live ? null : (row.ended_at ?? row.expires_at).toISOString(),
        holder: row.id !== null && row.name !== null ? personOf({ id: row.id, name: row.name }) : null,
      };
    }),
    serverTime: now.toISOString(),
  };
}
