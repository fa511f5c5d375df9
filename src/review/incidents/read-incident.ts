import type { Actor } from "../access/actor.ts";
import { personOf } from "../access/actor.ts";
import type { Incident } from "../contract/incident.ts";
import type { Db } from "../database/connection.ts";
import { decisionView, selectDecisions } from "../decisions/decision-view.ts";
import type { ReviewContext } from "../review-context.ts";
import { readFrames, triggerNumber } from "./read-frames.ts";
import { selectSummaries, summaryOf } from "./summaries.ts";

const maxEarlier = 10;
/** Streams of a streamer in which earlier incidents are looked for, the latest ones. */
const maxStreams = 100;

/**
 * An incident with its frames (see read-frames.ts for which), decisions and history, closed ones too.
 *
 * @param actor decides what is said of restricted pictures; nothing else depends on the reader
 * @param db the caller's transaction, where it has one
 * @returns undefined when there is none of this id
 */
export async function readIncident(
  context: ReviewContext,
  incidentId: number,
  actor: Actor,
  db: Db = context.db,
): Promise<Incident | undefined> {
  if (!Number.isSafeInteger(incidentId)) return undefined;
  const row = await selectSummaries(db)
    .leftJoin("streamers as m", "m.streamer_id", "s.streamer_id")
    .leftJoin("users as e", "e.id", "i.escalated_by")
    .leftJoin("frames as t", (join) =>
      join.onRef("t.incident_id", "=", "i.id").on("t.number", "=", triggerNumber(incidentId)),
    )
    .select(["i.priority_terms", "i.linked_to", "i.escalated_at", "i.escalated_by", "i.escalation_note"])
    .select(["m.confirmed", "m.dismissed", "e.name as escalated_by_name", "t.capture_id as trigger"])
    .where("i.id", "=", incidentId)
    .executeTakeFirst();
  if (!row) return undefined;

  // One query after the other: inside a transaction there is one connection. And the frames come after the row, so
  // that `newestFrame` never counts one that the reader was not told of.
  const frames = await readFrames(context, incidentId, row.frame_count, actor, db);
  const decisions = await selectDecisions(db)
    .where("d.incident_id", "=", incidentId)
    .orderBy("d.decided_at")
    .orderBy("d.id")
    .execute();
  const linkedFrom = await db
    .selectFrom("incidents")
    .select("id")
    .where("linked_to", "=", incidentId)
    .orderBy("id")
    .execute();
  const escalation =
    row.escalated_at && row.escalated_by && row.escalated_by_name
      ? {
          at: row.escalated_at.toISOString(),
          by: personOf({ id: row.escalated_by, name: row.escalated_by_name }),
          note: row.escalation_note ?? "",
        }
      : null;

  return {
    ...summaryOf(row),
    priorityTerms: row.priority_terms,
    frames,
    newestFrame: row.frame_count,
    trigger: row.trigger ?? frames[0]?.captureId ?? "",
    history: { confirmed: row.confirmed ?? 0, dismissed: row.dismissed ?? 0 },
    earlier: await readEarlier(db, incidentId, row.stream_id, row.streamer_id),
    escalation,
    linkedTo: row.linked_to,
    linkedFrom: linkedFrom.map(({ id }) => id),
    decisions: decisions.map(decisionView),
  };
}

/** Incidents of the same stream, or of another stream of the same streamer, that were opened before this one. */
async function readEarlier(
  db: Db,
  incidentId: number,
  streamId: string,
  streamerId: string | null,
): Promise<Incident["earlier"]> {
  const others =
    streamerId === null
      ? []
      : await db
          .selectFrom("streams")
          .select("stream_id")
          .where("streamer_id", "=", streamerId)
          .orderBy("last_seen_at", "desc")
          .limit(maxStreams)
          .execute();
  const rows = await db
    .selectFrom("incidents as i")
    .leftJoinLateral(
      (from) =>
        from
          .selectFrom("decisions")
          .select(["outcome", "action"])
          .whereRef("incident_id", "=", "i.id")
          .where("undone_at", "is", null)
          .where("superseded_at", "is", null)
          .as("d"),
      (join) => join.onTrue(),
    )
    .select(["i.id", "i.category", "i.severity", "i.closed_at", "d.outcome", "d.action"])
    .where("i.id", "<", incidentId)
    .where("i.stream_id", "in", [streamId, ...others.map(({ stream_id }) => stream_id)])
    .orderBy("i.id", "desc")
    .limit(maxEarlier)
    .execute();
  return rows.map(({ closed_at, ...row }) => ({ ...row, closedAt: closed_at?.toISOString() ?? null }));
}
