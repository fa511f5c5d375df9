import { sql } from "kysely";
import { severities } from "../../capture/verdict.ts";
import type { Lifecycle } from "../../pipeline/lifecycle.ts";
import { reviewOpenIncidents } from "../../telemetry/metrics.ts";
import type { Db } from "../database/connection.ts";
import { inTransaction } from "../database/transaction.ts";
import { createDuty } from "../duty.ts";
import type { ReviewContext } from "../review-context.ts";
import { changedNow } from "./move-incident.ts";
import { priorityOf } from "./priority.ts";

const everyMs = 5_000;
/** Read at a time; and locked at a time, for a moment in which nobody else can claim them. */
const batchRead = 500;
const batchWrite = 50;
/** Less is not worth a write, and an update of everybody's screen. */
const leastChange = 0.5;

/** The background duty that keeps the priorities of what waits true while time passes and streams change. */
export function createReprioritiser(context: ReviewContext): Lifecycle {
  return createDuty({
    name: "priorities",
    everyMs,
    log: context.log,
    now: context.now,
    run: (signal) => reprioritiseWaiting(context, signal),
  });
}

/** One round over all that waits. @returns when all are done or `signal` ends it */
export async function reprioritiseWaiting(context: ReviewContext, signal?: AbortSignal): Promise<void> {
  for (let last = 0; !signal?.aborted; ) {
    const rows = await context.db
      .selectFrom("incidents")
      .select("id")
      .where("state", "in", ["open", "escalated"])
      .where("id", ">", last)
      .orderBy("id")
      .limit(batchRead)
      .execute();
    await reprioritise(
      context.db,
      rows.map(({ id }) => id),
      context.now(),
    );
    if (rows.length < batchRead) break;
    last = rows.at(-1)?.id ?? last;
  }
  await countOpen(context.db);
}

/**
 * Computes the priorities of incidents anew and writes those that changed by half a point or more. Incidents that
 * others have locked at the moment are passed over: the next round comes to them.
 * @param db a transaction of the caller's, or the database itself
 */
export async function reprioritise(db: Db, ids: readonly number[], nowMs: number): Promise<void> {
  if (ids.length === 0) return;
  const changed = (await pointsOf(db, ids, nowMs)).filter(
    ({ before, now }) => Math.abs(now.points - before) >= leastChange,
  );
  for (let start = 0; start < changed.length; start += batchWrite) {
    const batch = changed.slice(start, start + batchWrite);
    await inTransaction(db, async (transaction) => {
      const free = await transaction
        .selectFrom("incidents")
        .select("id")
        .where(
          "id",
          "in",
          batch.map(({ id }) => id),
        )
        .orderBy("id")
        .forNoKeyUpdate()
        .skipLocked()
        .execute();
      // Anew, under the lock: a worse finding may have joined since.
      const records = await pointsOf(
        transaction,
        free.map(({ id }) => id),
        nowMs,
      );
      await sql`
        update incidents i set priority = r.points, priority_terms = r.terms, changed_at = ${changedNow}
        from json_to_recordset(${JSON.stringify(records.map(({ id, now }) => ({ id, ...now })))}::json)
          as r(id bigint, points real, terms jsonb)
        where i.id = r.id
      `.execute(transaction);
    });
  }
}

async function pointsOf(db: Db, ids: readonly number[], nowMs: number) {
  const rows = await db
    .selectFrom("incidents as i")
    .innerJoin("streams as s", "s.stream_id", "i.stream_id")
    .leftJoin("streamers as p", "p.streamer_id", "s.streamer_id")
    .select(["i.id", "i.kind", "i.severity", "i.priority", "i.opened_at", "i.target_at"])
    .select(["s.live", "s.viewers", "p.confirmed"])
    .where("i.id", "=", sql<number>`any(${[...ids]}::bigint[])`)
    .orderBy("i.id")
    .execute();
  return rows.map((row) => ({
    id: row.id,
    before: row.priority,
    now: priorityOf(
      {
        kind: row.kind,
        severity: row.severity,
        live: row.live,
        viewers: row.viewers,
        confirmed: row.confirmed ?? 0,
        openedAtMs: row.opened_at.getTime(),
        targetAtMs: row.target_at.getTime(),
      },
      nowMs,
    ),
  }));
}

async function countOpen(db: Db): Promise<void> {
  const rows = await db
    .selectFrom("incidents")
    .select(["severity", sql<number>`count(*)::int`.as("count")])
    .where("state", "<>", "closed")
    .groupBy("severity")
    .execute();
  const counts = new Map(rows.map(({ severity, count }) => [severity, count]));
  for (const severity of severities) reviewOpenIncidents.set({ severity }, counts.get(severity) ?? 0);
}
