import type { DecisionMessage } from "../contract/decision.ts";
import type { Db } from "../database/connection.ts";

export interface LatestDecision {
  message: DecisionMessage;
  /** `waiting`: it can still be undone, or Pub/Sub has not taken it yet. */
  state: "waiting" | "sent" | "undone";
}

/** The last decisions of everybody as the platform gets them, newest first. */
export async function latestDecisions(db: Db, limit: number): Promise<LatestDecision[]> {
  const rows = await db
    .selectFrom("outbox")
    .select(["payload", "sent_at", "cancelled_at"])
    .orderBy("id", "desc")
    .limit(limit)
    .execute();
  return rows.map(({ payload, sent_at, cancelled_at }) => ({
    message: payload,
    state: cancelled_at ? "undone" : sent_at ? "sent" : "waiting",
  }));
}
