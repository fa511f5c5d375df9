/**
 * Sends decisions once their undo window is over: at least once, in order within a stream.
 *
 *     one process at a time ► due rows, locked, oldest due first ► publish in that order ► mark as sent ► commit
 *
 * Order is that in which decisions fall due: a severe action on a live stream does not wait behind a milder decision
 * that can still be undone. A second decision on one incident is only made once the first has fallen due or was
 * undone, so it comes second. Dying between publishing and the commit sends a decision again. A row that is being
 * published is locked, so that an undo waits for it and then knows.
 */
import { sql } from "kysely";
import type { Lifecycle } from "../../pipeline/lifecycle.ts";
import { reviewOverdueDecisionSeconds } from "../../telemetry/metrics.ts";
import { appendActivity } from "../activity/append.ts";
import type { Db } from "../database/connection.ts";
import { inTransaction } from "../database/transaction.ts";
import { createDuty } from "../duty.ts";
import { changedNow } from "../incidents/move-incident.ts";
import type { ReviewContext } from "../review-context.ts";
import type { DecisionPublisher } from "./decision-publisher.ts";

const everyMs = 200;
const batch = 200;

/** The duty; the publisher stays the caller's to close. */
export function createOutbox(context: ReviewContext, publisher: DecisionPublisher): Lifecycle {
  const { log, now } = context;
  const run = async (signal: AbortSignal) => {
    await sendDue(context, publisher, signal).finally(() => measureLag(context));
  };
  return createDuty({ name: "outbox", everyMs, log, now, run });
}

/**
 * Sends all that is due. What cannot be published stays, with all that follows it on its stream, for the next time.
 * @throws Error the first failure to publish, after the others of its batch were marked as sent
 */
export async function sendDue(
  context: ReviewContext,
  publisher: DecisionPublisher,
  signal?: AbortSignal,
): Promise<void> {
  while (!signal?.aborted) {
    const { found, failure } = await inTransaction(context.db, (db) => sendBatch(context, db, publisher));
    if (failure) throw failure;
    if (found < batch) return;
  }
}

async function sendBatch(
  context: ReviewContext,
  db: Db,
  publisher: DecisionPublisher,
): Promise<{ found: number; failure?: Error }> {
  if (!(await isOnlyOne(db))) return { found: 0 };
  const rows = await db
    .selectFrom("outbox")
    .select(["id", "decision_id", "stream_id", "payload"])
    .where("sent_at", "is", null)
    .where("cancelled_at", "is", null)
    .where("send_at", "<=", new Date(context.now()))
    .orderBy("send_at")
    .orderBy("id")
    .limit(batch)
    .forUpdate()
    .execute();
  const results = await Promise.allSettled(rows.map(({ payload }) => publisher.publish(payload)));
  const failed = results.find((result) => result.status === "rejected");
  const stopped = new Set<string>();
  const sent = rows.filter(({ stream_id }, index) => {
    if (results[index]?.status !== "fulfilled") stopped.add(stream_id);
    return !stopped.has(stream_id);
  });
  await markSent(context, db, sent);
  return { found: rows.length, failure: failed && asError(failed.reason) };
}

/** Two processes that publish for one stream would mix its order up; whoever comes second leaves it to the first. */
async function isOnlyOne(db: Db): Promise<boolean> {
  const { rows } = await sql<{ mine: boolean }>`
    select pg_try_advisory_xact_lock(hashtext('review outbox')) as mine`.execute(db);
  return rows[0]?.mine === true;
}

async function markSent(
  context: ReviewContext,
  db: Db,
  sent: readonly { id: number; decision_id: string; stream_id: string; payload: { incidentId: number } }[],
): Promise<void> {
  if (sent.length === 0) return;
  const ids = sent.map(({ id }) => id);
  const decisions = sent.map(({ decision_id }) => decision_id);
  await db
    .updateTable("outbox")
    .set({ sent_at: new Date(context.now()) })
    .where("id", "in", ids)
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

async function measureLag({ db, now }: ReviewContext): Promise<void> {
  const { oldest } = await db
    .selectFrom("outbox")
    .select((select) => select.fn.min("send_at").as("oldest"))
    .where("sent_at", "is", null)
    .where("cancelled_at", "is", null)
    .executeTakeFirstOrThrow();
  reviewOverdueDecisionSeconds.set(oldest ? Math.max(0, (now() - oldest.getTime()) / 1000) : 0);
}

const asError = (reason: unknown): Error => (reason instanceof Error ? reason : new Error(String(reason)));
