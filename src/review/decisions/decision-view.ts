import { personOf } from "../access/actor.ts";
import type { DecisionView } from "../contract/incident.ts";
import type { Db } from "../database/connection.ts";

/** Decisions with all that a view of them needs; the caller adds which, and in which order. */
export function selectDecisions(db: Db) {
  return db
    .selectFrom("decisions as d")
    .innerJoin("incidents as i", "i.id", "d.incident_id")
    .innerJoin("users as u", "u.id", "d.user_id")
    .leftJoin("outbox as o", "o.decision_id", "d.id")
    .select(["d.id", "d.incident_id", "i.stream_id", "d.user_id", "u.name as user_name"])
    .select(["d.outcome", "d.category", "d.action", "d.note", "d.seen_through", "d.without_picture"])
    .select(["d.decided_at", "d.send_at", "o.sent_at", "d.undone_at"]);
}

type DecisionRow = Awaited<ReturnType<ReturnType<typeof selectDecisions>["execute"]>>[number];

export function decisionView(row: DecisionRow): DecisionView {
  return {
    id: row.id,
    incidentId: row.incident_id,
    streamId: row.stream_id,
    by: personOf({ id: row.user_id, name: row.user_name }),
    outcome: row.outcome,
    category: row.category,
    action: row.action,
    note: row.note,
    seenThrough: row.seen_through,
    withoutPicture: row.without_picture,
    decidedAt: row.decided_at.toISOString(),
    sendAt: row.send_at.toISOString(),
    sentAt: row.sent_at?.toISOString() ?? null,
    undoneAt: row.undone_at?.toISOString() ?? null,
  };
}
