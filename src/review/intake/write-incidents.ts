/** Writes what was placed: incidents, opened and changed, and their frames; a statement each, whatever the number. */
import { sql } from "kysely";
import type { Db } from "../database/connection.ts";
import type { Priority } from "../incidents/priority.ts";
import type { Draft } from "./place-arrivals.ts";
import { storableJson } from "./storable.ts";

/** Another process stored the same at the same moment: what was read no longer holds, so all is done again. */
export class IntakeRaceError extends Error {
  readonly code = "intake-race";
  constructor(what: string) {
    super(`another process stored the same ${what} at the same moment; it is tried again`);
    this.name = "IntakeRaceError";
  }
}

export interface Opened extends Draft {
  id: number;
}

/** @throws IntakeRaceError when another process has opened a joinable incident of the same stream and category */
export async function openIncidents(
  db: Db,
  drafts: readonly Draft[],
  priority: (draft: Draft) => Priority,
): Promise<Opened[]> {
  if (drafts.length === 0) return [];
  const { rows: ids } = await sql<{ id: number }>`
    select nextval(pg_get_serial_sequence('incidents', 'id')) as id from generate_series(1, ${drafts.length})
  `.execute(db);
  // In one order everywhere, since inserting a key waits for whoever inserts the same.
  const sorted = drafts.toSorted((a, b) => compare(a.streamId, b.streamId) || compare(a.category, b.category));
  const opened = sorted.flatMap((draft, index) => {
    const id = ids[index]?.id;
    return id === undefined ? [] : [Object.assign(draft, { id })];
  });
  const { rows } = await sql`
    insert into incidents (id, stream_id, category, kind, severity, joinable, opened_at, last_flagged_at,
      first_captured_at, target_at, frame_count, flagged_count, peak_score, model, model_version, policy_version,
      priority, priority_terms, linked_to, changed_at)
    overriding system value
    select id, stream_id, category, kind, severity, joinable, opened_at, last_flagged_at, first_captured_at, target_at,
      frame_count, flagged_count, peak_score, model, model_version, policy_version, priority, priority_terms, linked_to,
      clock_timestamp()
    from json_to_recordset(${storableJson(opened.map((draft) => recordOf(draft, priority(draft))))}::json)
      as r(id bigint, stream_id text, category text, kind text, severity text, joinable boolean, opened_at timestamptz,
        last_flagged_at timestamptz, first_captured_at timestamptz, target_at timestamptz, frame_count integer,
        flagged_count integer, peak_score real, model text, model_version text, policy_version text, priority real,
        priority_terms jsonb, linked_to bigint)
    on conflict do nothing
    returning id
  `.execute(db);
  if (rows.length < drafts.length) throw new IntakeRaceError("incident");
  return opened;
}

/** Incidents, locked by the caller, that frames have joined. A state that is open, assigned or escalated stays. */
export async function updateIncidents(
  db: Db,
  drafts: readonly Draft[],
  priority: (draft: Draft) => Priority,
): Promise<void> {
  if (drafts.length === 0) return;
  await sql`
    update incidents i set severity = r.severity, joinable = r.joinable, last_flagged_at = r.last_flagged_at,
      first_captured_at = r.first_captured_at, target_at = r.target_at, frame_count = r.frame_count,
      flagged_count = r.flagged_count, peak_score = r.peak_score, priority = r.priority,
      priority_terms = r.priority_terms, changed_at = clock_timestamp()
    from json_to_recordset(${storableJson(drafts.map((draft) => recordOf(draft, priority(draft))))}::json)
      as r(id bigint, severity text, joinable boolean, last_flagged_at timestamptz, first_captured_at timestamptz,
        target_at timestamptz, frame_count integer, flagged_count integer, peak_score real, priority real,
        priority_terms jsonb)
    where i.id = r.id
  `.execute(db);
}

/** Makes room for what is joinable from now on: of a stream and category there may be one. */
export async function endJoining(db: Db, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  await db
    .updateTable("incidents")
    .set({ joinable: false, changed_at: sql<Date>`clock_timestamp()` })
    .where("id", "in", ids)
    .execute();
}

function recordOf(draft: Draft, priority: Priority) {
  return {
    id: draft.id,
    stream_id: draft.streamId,
    category: draft.category,
    kind: draft.kind,
    severity: draft.severity,
    joinable: draft.joinable,
    opened_at: isoTime(draft.openedAtMs),
    last_flagged_at: isoTime(draft.lastFlaggedAtMs),
    first_captured_at: isoTime(draft.firstCapturedAtMs),
    target_at: isoTime(draft.targetAtMs),
    frame_count: draft.frameCount,
    flagged_count: draft.flaggedCount,
    peak_score: draft.peakScore,
    model: draft.model,
    model_version: draft.modelVersion,
    policy_version: draft.policyVersion,
    priority: priority.points,
    priority_terms: priority.terms,
    linked_to: draft.linkedTo,
  };
}

const isoTime = (ms: number) => new Date(ms).toISOString();
const compare = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0);
