/** Reads, under lock, the incidents that arrivals may join, and those that tell what a new one is linked to. */
import { sql } from "kysely";
import type { Db } from "../database/connection.ts";
import type { IncidentRow } from "../database/schema.ts";
import type { Arrival } from "./arrival.ts";
import { covers, type Draft } from "./place-arrivals.ts";

/** More incidents of one stream and category lie around a moment only if people closed them within the window. */
const neighboursPerKey = 5;

const columns = [
  "id",
  "stream_id",
  "category",
  "kind",
  "severity",
  "state",
  "joinable",
  "opened_at",
  "first_captured_at",
  "last_flagged_at",
  "target_at",
  "frame_count",
  "flagged_count",
  "peak_score",
  "model",
  "model_version",
  "policy_version",
  "linked_to",
] as const;
type Row = Pick<IncidentRow, (typeof columns)[number]>;

interface Key {
  stream_id: string;
  category: string;
  from: string;
}

/**
 * All incidents that the arrivals may join, locked until the transaction ends in the order of their ids, and closed
 * ones nearby, not locked.
 */
export async function lockIncidents(db: Db, arrivals: readonly Arrival[], windowMs: number): Promise<Draft[]> {
  const flagged = arrivals.filter(({ kind }) => kind === "flagged");
  const contextStreams = arrivals.filter(({ kind }) => kind === "context").map(({ streamId }) => streamId);
  const keys = keysOf(flagged, windowMs);
  if (keys.length + contextStreams.length === 0) return [];
  // Key by key through the index: the planner has no idea how many keys there are, and a join may read all that is joinable.
  const { rows: found } = await sql<{ id: number }>`
    select i.id from json_to_recordset(${JSON.stringify(keys)}::json) as k(stream_id text, category text)
      cross join lateral (select id from incidents i
        where i.stream_id = k.stream_id and i.category = k.category and i.joinable limit 1) as i
    union
    select id from incidents where stream_id = any(${contextStreams}::text[]) and joinable
  `.execute(db);
  const ids = found.map(({ id }) => id);
  const joinable = (await lockById(db, ids)).filter((row) => row.joinable).map(draftOf);

  const fits = (arrival: Arrival) =>
    joinable.some((draft) => isOf(draft, arrival) && covers(draft, arrival.capturedAtMs, windowMs));
  const lonely = keysOf(
    flagged.filter((arrival) => !fits(arrival)),
    windowMs,
  );
  return lonely.length === 0 ? joinable : [...joinable, ...(await lockNeighbours(db, lonely))];
}

/** Incidents that are not joinable and were flagged within the window: those not closed may take in late frames. */
async function lockNeighbours(db: Db, keys: readonly Key[]): Promise<Draft[]> {
  const { rows } = await sql<{ id: number; state: string }>`
    select i.id, i.state from json_to_recordset(${JSON.stringify(keys)}::json)
        as k(stream_id text, category text, "from" timestamptz)
      cross join lateral (
        select id, state from incidents i
        where i.stream_id = k.stream_id and i.category = k.category and not i.joinable
          and i.kind = 'flagged' and i.last_flagged_at >= k.from
        order by id desc limit ${neighboursPerKey}
      ) as i
  `.execute(db);
  const idsIn = (closed: boolean) => rows.filter(({ state }) => (state === "closed") === closed).map(({ id }) => id);
  const [open, closed] = [idsIn(false), idsIn(true)];
  const locked = (await lockById(db, open)).filter(({ joinable }) => !joinable);
  const seen =
    closed.length === 0 ? [] : await db.selectFrom("incidents").select(columns).where("id", "in", closed).execute();
  return [...locked, ...seen].map(draftOf);
}

/** As they are once the lock is had, which may be otherwise than when they were chosen. */
function lockById(db: Db, ids: readonly number[]): Promise<Row[]> {
  return db
    .selectFrom("incidents")
    .select(columns)
    .where("id", "=", sql<number>`any(${[...ids]}::bigint[])`)
    .orderBy("id")
    .forNoKeyUpdate()
    .execute();
}

/** Streams and categories in order, each with the moment from which on an incident of it matters. */
function keysOf(arrivals: readonly Arrival[], windowMs: number): Key[] {
  const keys = new Map<string, Key>();
  for (const { streamId, subject, capturedAtMs } of arrivals.toSorted((a, b) => a.capturedAtMs - b.capturedAtMs)) {
    const name = JSON.stringify([streamId, subject?.category]);
    if (!subject || keys.has(name)) continue;
    const from = new Date(Math.max(0, capturedAtMs - windowMs)).toISOString();
    keys.set(name, { stream_id: streamId, category: subject.category, from });
  }
  return [...keys.values()];
}

const isOf = (draft: Draft, { streamId, subject }: Arrival) =>
  draft.streamId === streamId && draft.category === subject?.category;

function draftOf(row: Row): Draft {
  return {
    id: row.id,
    streamId: row.stream_id,
    category: row.category,
    kind: row.kind,
    severity: row.severity,
    closed: row.state === "closed",
    joinable: row.joinable,
    openedAtMs: row.opened_at.getTime(),
    firstCapturedAtMs: row.first_captured_at.getTime(),
    lastFlaggedAtMs: row.last_flagged_at.getTime(),
    targetAtMs: row.target_at.getTime(),
    frameCount: row.frame_count,
    flaggedCount: row.flagged_count,
    peakScore: row.peak_score,
    model: row.model,
    modelVersion: row.model_version,
    policyVersion: row.policy_version,
    linkedTo: row.linked_to,
    frames: [],
  };
}
