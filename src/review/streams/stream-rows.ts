/** Rows of streams, many at a time. */
import { sql } from "kysely";
import type { Db } from "../database/connection.ts";
import { storableJson } from "../intake/storable.ts";
import { type StreamNews, type StreamState, unknownStream, withNews } from "./stream-facts.ts";

/**
 * Makes rows for streams that have none; those there are not touched, nor locked. The first statement of a transaction:
 * new rows are locked in the order of their ids.
 */
export async function ensureStreams(db: Db, streamIds: Iterable<string>): Promise<void> {
  const sorted = [...new Set(streamIds)].toSorted();
  await sql`
    insert into streams (stream_id, last_seen_at)
    select id, timestamptz 'epoch' from unnest(${sorted}::text[]) as id
    on conflict do nothing
  `.execute(db);
}

/** The streams of these ids that exist, each with its streamer's confirmed incidents. */
export async function readStreams(
  db: Db,
  streamIds: Iterable<string>,
): Promise<Map<string, { state: StreamState; confirmed: number }>> {
  const rows = await db
    .selectFrom("streams as s")
    .leftJoin("streamers as p", "p.streamer_id", "s.streamer_id")
    .selectAll("s")
    .select("p.confirmed")
    .where("s.stream_id", "=", sql<string>`any(${[...streamIds]}::text[])`)
    .execute();
  return new Map(rows.map((row) => [row.stream_id, { state: stateOf(row), confirmed: row.confirmed ?? 0 }]));
}

/**
 * Brings the rows up to date. They are locked in the order of their ids, after all locks on incidents.
 * @returns ids of the streams of which something other than the moment changed
 */
export async function writeNews(db: Db, news: ReadonlyMap<string, readonly StreamNews[]>): Promise<string[]> {
  const rows = await db
    .selectFrom("streams")
    .selectAll()
    .where("stream_id", "=", sql<string>`any(${[...news.keys()]}::text[])`)
    .orderBy("stream_id")
    .forNoKeyUpdate()
    .execute();
  const changes = rows
    .map((row) => ({ row, before: stateOf(row), after: withNews(stateOf(row), news.get(row.stream_id) ?? []) }))
    .filter(({ before, after }) => JSON.stringify(before) !== JSON.stringify(after));
  if (changes.length === 0) return [];
  const records = changes.map(({ row, after }) => ({
    stream_id: row.stream_id,
    live: after.live,
    viewers: after.viewers,
    title: after.title,
    streamer_id: after.streamerId,
    started_at: isoTime(after.startedAtMs),
    ended_at: isoTime(after.endedAtMs),
    last_seen_at: isoTime(after.lastSeenAtMs),
  }));
  await sql`
    update streams s set live = r.live, viewers = r.viewers, title = r.title, streamer_id = r.streamer_id,
      started_at = r.started_at, ended_at = r.ended_at, last_seen_at = r.last_seen_at
    from json_to_recordset(${storableJson(records)}::json) as r(stream_id text, live boolean, viewers integer, title text,
      streamer_id text, started_at timestamptz, ended_at timestamptz, last_seen_at timestamptz)
    where s.stream_id = r.stream_id
  `.execute(db);
  return changes.filter(({ before, after }) => !sameFacts(before, after)).map(({ row }) => row.stream_id);
}

interface Row {
  live: boolean;
  viewers: number | null;
  title: string | null;
  streamer_id: string | null;
  started_at: Date | null;
  ended_at: Date | null;
  last_seen_at: Date;
}

const stateOf = (row: Row): StreamState => ({
  ...unknownStream(row.last_seen_at.getTime()),
  live: row.live,
  viewers: row.viewers,
  title: row.title,
  streamerId: row.streamer_id,
  startedAtMs: row.started_at?.getTime() ?? null,
  endedAtMs: row.ended_at?.getTime() ?? null,
});

const sameFacts = (one: StreamState, other: StreamState) =>
  JSON.stringify({ ...one, lastSeenAtMs: 0 }) === JSON.stringify({ ...other, lastSeenAtMs: 0 });

const isoTime = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());
