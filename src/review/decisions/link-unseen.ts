import { sql } from "kysely";
import { severities } from "../../capture/verdict.ts";
import { appendActivity } from "../activity/append.ts";
import type { Db } from "../database/connection.ts";
import type { FrameRow, IncidentRow } from "../database/schema.ts";
import { changedNow } from "../incidents/move-incident.ts";
import type { ReviewContext } from "../review-context.ts";
import { readSetting } from "../settings/review-settings.ts";

/**
 * Flagged frames that came after the last one a person saw are not closed with the rest: they move to an incident of
 * their own, linked to this one and open to everybody. Numbers there begin at 1.
 *
 * @param incident locked by the caller
 * @returns the new incident's id, or undefined if all frames were seen
 */
export async function linkUnseen(
  context: ReviewContext,
  db: Db,
  incident: IncidentRow,
  seenThrough: number,
): Promise<number | undefined> {
  const frames = await db
    .selectFrom("frames")
    .selectAll()
    .where("incident_id", "=", incident.id)
    .where("number", ">", seenThrough)
    .where("kind", "in", ["flagged", "sampled"])
    .orderBy("number")
    .execute();
  const [first] = frames;
  if (!first) return undefined;

  const severity = worstOf(incident, frames);
  const targets = await readSetting(context, "targets", db);
  const capturedAt = frames.map(({ captured_at }) => captured_at.getTime());
  const { id: _id, ...facts } = incident;
  await db.updateTable("incidents").set({ joinable: false }).where("id", "=", incident.id).execute();
  const linked = await db
    .insertInto("incidents")
    .values({
      ...facts,
      severity,
      state: "open",
      joinable: incident.joinable,
      opened_at: new Date(context.now()),
      first_captured_at: new Date(Math.min(...capturedAt)),
      last_flagged_at: new Date(Math.max(...capturedAt)),
      target_at: new Date(context.now() + targets[severity]),
      frame_count: frames.length,
      flagged_count: frames.filter(({ kind }) => kind === "flagged").length,
      peak_score: Math.max(...frames.map(({ score }) => score ?? 0)),
      priority_terms: JSON.stringify(incident.priority_terms),
      linked_to: incident.id,
      escalated_at: null,
      escalated_by: null,
      escalation_note: null,
      assigned_to: null,
      assigned_until: null,
      reopened_count: 0,
      closed_at: null,
      legal_hold: false,
      changed_at: changedNow,
    })
    .returning("id")
    .executeTakeFirstOrThrow();

  await sql`
    update frames set incident_id = ${linked.id}, number = moved.number
    from (select capture_id, row_number() over (order by number) as number
          from frames where capture_id = any(${frames.map(({ capture_id }) => capture_id)})) as moved
    where frames.capture_id = moved.capture_id
  `.execute(db);
  // What is said of the closed one is said of what was seen.
  await sql`
    update incidents set flagged_count = seen.flagged, peak_score = seen.peak, last_flagged_at = seen.last
    from (select (count(*) filter (where kind = 'flagged'))::int as flagged, coalesce(max(score), 0) as peak,
            max(captured_at) as last
          from frames where incident_id = ${incident.id} and kind in ('flagged', 'sampled')) as seen
    where incidents.id = ${incident.id}
  `.execute(db);
  await appendActivity(db, {
    actor: "system",
    kind: "incident-linked",
    incidentId: linked.id,
    streamId: incident.stream_id,
    details: { linkedTo: incident.id, frames: frames.length },
  });
  return linked.id;
}

function worstOf(incident: IncidentRow, frames: readonly FrameRow[]): IncidentRow["severity"] {
  const found = frames.flatMap(({ findings }) => findings.map(({ severity }) => severity));
  const worst = Math.max(...found.map((severity) => severities.indexOf(severity)), -1);
  return severities[worst] ?? incident.severity;
}
