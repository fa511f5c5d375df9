import type { Lifecycle } from "../../pipeline/lifecycle.ts";
import { appendActivity } from "../activity/append.ts";
import { inTransaction } from "../database/transaction.ts";
import { createDuty } from "../duty.ts";
import type { ReviewContext } from "../review-context.ts";
import { giveBack } from "./lease.ts";

const everyMs = 1_000;
const batch = 200;

/** The background duty that lets incidents wait again whose holder has gone silent. */
export function createHoldExpiry(context: ReviewContext): Lifecycle {
  const { log, now } = context;
  return createDuty({ name: "hold expiry", everyMs, log, now, run: (signal) => expireHolds(context, signal) });
}

/** Ends all leases past their time. */
export async function expireHolds(context: ReviewContext, signal?: AbortSignal): Promise<void> {
  while (!signal?.aborted) {
    const leases = await context.db
      .selectFrom("leases as l")
      .innerJoin("incidents as i", "i.id", "l.incident_id")
      .select(["l.token", "l.incident_id", "l.user_id", "i.stream_id"])
      .where("l.ended_at", "is", null)
      .where("l.expires_at", "<=", new Date(context.now()))
      .orderBy("l.expires_at")
      .limit(batch)
      .execute();
    for (const lease of leases) {
      await inTransaction(context.db, async (db) => {
        if (!(await giveBack(context, db, lease, "expired"))) return;
        await appendActivity(db, {
          actor: "system",
          kind: "hold-expired",
          incidentId: lease.incident_id,
          streamId: lease.stream_id,
          details: { holder: lease.user_id },
        });
      });
    }
    if (leases.length < batch) return;
  }
}
