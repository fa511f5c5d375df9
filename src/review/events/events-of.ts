import { personOf } from "../access/actor.ts";
import type { ReviewEvent } from "../contract/events.ts";
import { decisionView, selectDecisions } from "../decisions/decision-view.ts";
import { readSummaries } from "../incidents/summaries.ts";
import type { ReviewContext } from "../review-context.ts";
import type { ChangedRows } from "./changed-rows.ts";

export interface NewEvent {
  event: ReviewEvent;
  onlyFor?: string;
}

/** A hold ends with a change of its incident, so it is looked for there; older ones than this were told of before. */
const recentMs = 300_000;
const perQuery = 500;

/**
 * The events that changed rows amount to.
 * @param told tokens of ended holds that were told of; added to
 */
export async function eventsOf(
  context: ReviewContext,
  changed: ChangedRows,
  told: Map<number, number>,
): Promise<NewEvent[]> {
  const events: NewEvent[] = [];
  for (let from = 0; from < changed.incidents.length; from += perQuery) {
    const ids = changed.incidents.slice(from, from + perQuery);
    const summaries = await readSummaries(context.db, ids);
    for (const incident of summaries)
      events.push({ event: { type: "incident", incident, newestFrame: incident.frameCount } });
    events.push(...(await endedHolds(context, ids, told)));
  }
  for (let from = 0; from < changed.decisions.length; from += perQuery) {
    const ids = changed.decisions.slice(from, from + perQuery);
    const rows = await selectDecisions(context.db).where("d.id", "in", ids).orderBy("d.changed_at").execute();
    for (const row of rows) events.push({ event: { type: "decision", decision: decisionView(row) } });
  }
  return events;
}

/** Holds that ended otherwise than by their person's own act, each told of once, to its person alone. */
async function endedHolds(context: ReviewContext, ids: readonly number[], told: Map<number, number>) {
  const sinceMs = context.now() - recentMs;
  for (const [token, endedAtMs] of told) if (endedAtMs < sinceMs) told.delete(token);
  const rows = await context.db
    .selectFrom("leases as l")
    .leftJoin("leases as live", (join) =>
      join.onRef("live.incident_id", "=", "l.incident_id").on("live.ended_at", "is", null),
    )
    .leftJoin("users as u", "u.id", "live.user_id")
    .select(["l.token", "l.incident_id", "l.user_id", "l.ended_at", "l.ended_by", "u.id as holder", "u.name as name"])
    .where("l.incident_id", "in", ids)
    .where("l.ended_at", ">", new Date(sinceMs))
    .orderBy("l.token")
    .execute();
  return rows.flatMap((row): NewEvent[] => {
    const { token, ended_at: endedAt, ended_by: endedBy } = row;
    if (told.has(token) || !endedAt) return [];
    if (endedBy !== "expired" && endedBy !== "taken-over" && endedBy !== "swapped") return [];
    told.set(token, endedAt.getTime());
    const holder = row.holder && row.name ? personOf({ id: row.holder, name: row.name }) : null;
    const event = { token, incidentId: row.incident_id, endedBy, endedAt: endedAt.toISOString(), holder };
    return [{ event: { type: "hold-ended", ...event }, onlyFor: row.user_id }];
  });
}
