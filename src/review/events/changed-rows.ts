/**
 * Finds what has changed since the last look, by `changed_at`. A transaction may commit long after it stamped its rows,
 * so each look begins again at the moment before which nothing can still appear: the start of the oldest transaction
 * that is under way. What was seen before is left out.
 */
import { sql } from "kysely";
import type { Db } from "../database/connection.ts";

export interface ChangedRows {
  incidents: number[];
  decisions: string[];
}

/** Rows are stamped just before their transaction has a start that others see. */
const slackMicros = 1_000_000;
/** A forgotten transaction must not make every look read the whole day. */
const mostMicros = 60_000_000;

export function createChangeReader(): { read(db: Db): Promise<ChangedRows> } {
  let fromMicros: number | undefined;
  const seenIncidents = createSeen<number>();
  const seenDecisions = createSeen<string>();
  return {
    async read(db) {
      // First the moment, then the rows: a transaction that commits in between is seen now, or looked for again.
      const settledMicros = await readSettled(db);
      fromMicros ??= settledMicros;
      const since = sql<Date>`timestamptz 'epoch' + ${fromMicros}::float8 * interval '1 microsecond'`;
      const stamp = sql<number>`(extract(epoch from changed_at) * 1000000)::bigint`.as("micros");
      const incidents = await db
        .selectFrom("incidents")
        .select(["id", stamp])
        .where("changed_at", ">=", since)
        .orderBy("changed_at")
        .execute();
      const decisions = await db
        .selectFrom("decisions")
        .select(["id", stamp])
        .where("changed_at", ">=", since)
        .orderBy("changed_at")
        .execute();
      fromMicros = Math.max(fromMicros, settledMicros);
      return {
        incidents: seenIncidents.fresh(incidents, fromMicros),
        decisions: seenDecisions.fresh(decisions, fromMicros),
      };
    },
  };
}

/** The moment, in microseconds since 1970, before which no row can still get a stamp that we have not seen. */
async function readSettled(db: Db): Promise<number> {
  const micros = (moment: string) => sql<number>`(extract(epoch from ${sql.raw(moment)}) * 1000000)::bigint`;
  const { rows } = await sql<{ now: number; oldest: number | null }>`
    select ${micros("clock_timestamp()")} as now, ${micros("min(xact_start)")} as oldest
    from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
  `.execute(db);
  const [{ now, oldest } = { now: 0, oldest: null }] = rows;
  return Math.max(Math.min(now - slackMicros, oldest ?? now), now - mostMicros);
}

function createSeen<Id>() {
  const seen = new Map<Id, number>();
  return {
    /** The ids of rows that are new or have another stamp; forgets what no later look can find again. */
    fresh(rows: readonly { id: Id; micros: number }[], fromMicros: number): Id[] {
      const fresh = rows.filter(({ id, micros }) => seen.get(id) !== micros);
      for (const { id, micros } of fresh) seen.set(id, micros);
      for (const [id, micros] of seen) if (micros < fromMicros) seen.delete(id);
      return fresh.map(({ id }) => id);
    },
  };
}
