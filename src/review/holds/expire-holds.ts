import type { Lifecycle } from "../../pipeline/lifecycle.ts";
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
      .selectFrom("leases")
      .select(["token", "incident_id", "user_id"])
      .where("ended_at", "is", null)
      .where("expires_at", "<=", new Date(context.now()))
      .orderBy("expires_at")
      .limit(batch)
      .execute();
    for (const lease of leases) {
      await inTransaction(context.db, (db) => giveBack(context, db, lease, "expired"));
    }
    if (leases.length < batch) return;
  }
}
