/**
 * Sends decisions once their undo window is over: at least once, in order within a stream.
 *
 *     due rows, locked; none of a stream that has an earlier one unsent ► publish ► mark as sent, in one transaction
 *
 * Dying between publishing and the commit sends a decision again. A row that is being published is locked, so that
 * undo waits for it and then knows.
 */
import { sql } from "kysely";
import type { Lifecycle } from "../../pipeline/lifecycle.ts";
import { repeat } from "../../pipeline/repeat.ts";
import { appendActivity } from "../activity/append.ts";
import type { Db } from "../database/connection.ts";
import { inTransaction } from "../database/transaction.ts";
import { dutyHealth } from "../duty-health.ts";
import { changedNow } from "../incidents/move-incident.ts";
import type { ReviewContext } from "../review-context.ts";
import type { DecisionPublisher } from "./decision-publisher.ts";

const everyMs = 200;
const batch = 100;

export function createOutbox(context: ReviewContext, publisher: DecisionPublisher): Lifecycle {
  const health = dutyHealth("outbox", context.now);
  let stop = () => {};
  let running = Promise.resolve();
  return {
    async start() {
      const duty = () => health.watch(() => sendDue(context, publisher));
      stop = repeat(
        everyMs,
        () => {
          running = duty();
          return running;
        },
        context.log,
      );
    },
    async stop() {
      stop();
      await running.catch(() => undefined);
    },
    health: async () => health.read(),
  };
}

/** Sends all that is due; what cannot be published stays and is tried again. */
export async function sendDue(context: ReviewContext, publisher: DecisionPublisher): Promise<void> {
  for (;;) {
    const { found, failures } = await inTransaction(context.db, (db) => sendBatch(context, db, publisher));
    const [failure] = failures;
    if (failure) throw failure;
    // Each round sends one decision of a stream, so that a round that sent some may have made way for others.
    if (found === 0) return;
  }
}

async function sendBatch(
  context: ReviewContext,
  db: Db,
  publisher: DecisionPublisher,
): Promise<{ found: number; failures: unknown[] }> {
  const rows = await db
    .selectFrom("outbox as o")
    .selectAll()
    .where("o.sent_at", "is", null)
    .where("o.cancelled_at", "is", null)
    .where("o.send_at", "<=", new Date(context.now()))
    .where((where) =>
      where.not(
        where.exists(
          where
            .selectFrom("outbox as earlier")
            .select("earlier.id")
            .whereRef("earlier.stream_id", "=", "o.stream_id")
            .whereRef("earlier.id", "<", "o.id")
            .where("earlier.sent_at", "is", null)
            .where("earlier.cancelled_at", "is", null),
        ),
      ),
    )
    .orderBy("o.id")
    .limit(batch)
    .forUpdate("o")
    .skipLocked()
    .execute();
  const results = await Promise.allSettled(rows.map((row) => publisher.publish(row.payload)));
  const sent = rows.filter((_, index) => results[index]?.status === "fulfilled");
  if (sent.length > 0) {
    const now = new Date(context.now());
    const decisions = sent.map(({ decision_id }) => decision_id);
    await db
      .updateTable("outbox")
      .set({ sent_at: now })
      .where(
        "id",
        "in",
        sent.map(({ id }) => id),
      )
      .execute();
    await db.updateTable("decisions").set({ changed_at: changedNow }).where("id", "in", decisions).execute();
    await appendActivity(
      db,
      sent.map(({ payload, decision_id, stream_id }) => ({
        actor: "system",
        kind: "decision-sent" as const,
        incidentId: payload.incidentId,
        streamId: stream_id,
        details: { decisionId: decision_id },
      })),
    );
  }
  return {
    found: sent.length,
    failures: results.flatMap((result) => (result.status === "rejected" ? [result.reason] : [])),
  };
}

/** Decisions that wait to be sent, and for how long the oldest is overdue, ms. */
export async function outboxLag(context: ReviewContext): Promise<{ pending: number; overdueMs: number }> {
  const row = await context.db
    .selectFrom("outbox")
    .select([sql<number>`count(*)::int`.as("pending"), sql<Date | null>`min(send_at)`.as("oldest")])
    .where("sent_at", "is", null)
    .where("cancelled_at", "is", null)
    .executeTakeFirstOrThrow();
  return { pending: row.pending, overdueMs: row.oldest ? Math.max(0, context.now() - row.oldest.getTime()) : 0 };
}
