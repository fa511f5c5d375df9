import type { Lifecycle } from "../../pipeline/lifecycle.ts";
import { repeat } from "../../pipeline/repeat.ts";
import { appendActivity } from "../activity/append.ts";
import { inTransaction } from "../database/transaction.ts";
import { type DutyHealth, dutyHealth } from "../duty-health.ts";
import type { ReviewContext } from "../review-context.ts";
import { giveBack } from "./lease.ts";

const everyMs = 1_000;
const batch = 200;

/** The background duty that lets incidents wait again whose holder has gone silent. */
export function createHoldExpiry(context: ReviewContext): Lifecycle {
  const health: DutyHealth = dutyHealth("hold expiry", context.now);
  let stop = () => {};
  return {
    async start() {
      stop = repeat(everyMs, () => health.watch(() => expireHolds(context)), context.log);
    },
    async stop() {
      stop();
    },
    health: async () => health.read(),
  };
}

/** Ends all leases past their time. */
export async function expireHolds(context: ReviewContext): Promise<void> {
  for (;;) {
    const leases = await context.db
      .selectFrom("leases as l")
      .innerJoin("incidents as i", "i.id", "l.incident_id")
      .select(["l.token", "l.incident_id", "l.user_id", "i.stream_id"])
      .where("l.ended_at", "is", null)
      .where("l.expires_at", "<=", new Date(context.now()))
      .orderBy("l.incident_id")
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
