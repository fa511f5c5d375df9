import { personOf } from "../access/actor.ts";
import type { IncidentSummary } from "../contract/incident.ts";
import type { Db } from "../database/connection.ts";

/** Incidents with all that a summary needs; the caller adds which. */
export function selectSummaries(db: Db) {
  return db
    .selectFrom("incidents as i")
    .innerJoin("streams as s", "s.stream_id", "i.stream_id")
    .leftJoin("leases as l", (join) => join.onRef("l.incident_id", "=", "i.id").on("l.ended_at", "is", null))
    .leftJoin("users as u", "u.id", "l.user_id")
    .select(["i.id", "i.stream_id", "i.category", "i.kind", "i.severity", "i.state", "i.opened_at"])
    .select(["i.last_flagged_at", "i.target_at", "i.frame_count", "i.flagged_count", "i.peak_score"])
    .select(["i.model", "i.model_version", "i.policy_version", "i.priority", "i.legal_hold", "i.changed_at"])
    .select(["s.title", "s.streamer_id", "s.live", "s.viewers", "s.started_at", "s.ended_at"])
    .select(["u.id as holder_id", "u.name as holder_name"]);
}

type SummaryRow = Awaited<ReturnType<ReturnType<typeof selectSummaries>["execute"]>>[number];

export function summaryOf(row: SummaryRow): IncidentSummary {
  const holder = row.holder_id !== null && row.holder_name !== null && { id: row.holder_id, name: row.holder_name };
  return {
    id: row.id,
    stream: {
      streamId: row.stream_id,
      title: row.title,
      streamerId: row.streamer_id,
      live: row.live,
      viewers: row.viewers,
      startedAt: row.started_at?.toISOString() ?? null,
      endedAt: row.ended_at?.toISOString() ?? null,
    },
    category: row.category,
    kind: row.kind,
    severity: row.severity,
    state: row.state,
    openedAt: row.opened_at.toISOString(),
    lastFlaggedAt: row.last_flagged_at.toISOString(),
    targetAt: row.target_at.toISOString(),
    targetMs: row.target_at.getTime() - row.opened_at.getTime(),
    frameCount: row.frame_count,
    flaggedCount: row.flagged_count,
    peakScore: row.peak_score,
    model: row.model,
    modelVersion: row.model_version,
    policyVersion: row.policy_version,
    priority: row.priority,
    holder: holder ? personOf(holder) : null,
    legalHold: row.legal_hold,
    changedAt: row.changed_at.toISOString(),
  };
}

/** The summaries of these incidents, in the order of `ids`; unknown ones are left out. */
export async function readSummaries(db: Db, ids: readonly number[]): Promise<IncidentSummary[]> {
  if (ids.length === 0) return [];
  const rows = await selectSummaries(db).where("i.id", "in", ids).execute();
  const byId = new Map(rows.map((row) => [row.id, summaryOf(row)]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}
