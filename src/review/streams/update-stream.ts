import type { Actor } from "../access/actor.ts";
import { actorName, appendActivity } from "../activity/append.ts";
import type { StreamUpdate } from "../contract/stream.ts";
import { changedNow } from "../incidents/move-incident.ts";
import { reprioritise } from "../incidents/reprioritise.ts";
import { storableId, storableText } from "../intake/storable.ts";
import type { ReviewContext } from "../review-context.ts";
import { readTimeMs, type StreamNews } from "./stream-facts.ts";
import { ensureStreams, writeNews } from "./stream-rows.ts";

/**
 * Takes in what the platform tells of a stream, be it known yet or not: it holds until a capture taken later, or a
 * later call, says otherwise. The priorities of the stream's incidents follow at once.
 */
export async function updateStream(
  context: ReviewContext,
  actor: Actor,
  streamId: string,
  update: StreamUpdate,
): Promise<void> {
  const nowMs = context.now();
  const id = storableId(streamId);
  const changed = await context.db.transaction().execute(async (db) => {
    await ensureStreams(db, [id]);
    const changed = await writeNews(db, new Map([[id, [newsOf(update, nowMs)]]]));
    if (changed.length > 0) {
      const details = Object.fromEntries(Object.entries(update).map(([name, fact]) => [name, textsStorable(fact)]));
      await appendActivity(db, { actor: actorName(actor), kind: "stream-updated", streamId: id, details });
    }
    return changed.length > 0;
  });
  if (changed) await tellIncidents(context, id, nowMs);
}

/** In transactions of their own: locks on incidents come before those on streams. */
async function tellIncidents({ db }: ReviewContext, streamId: string, nowMs: number): Promise<void> {
  const ids = await db.transaction().execute(async (transaction) => {
    const rows = await transaction
      .selectFrom("incidents")
      .select("id")
      .where("stream_id", "=", streamId)
      .where("state", "<>", "closed")
      .orderBy("id")
      .forNoKeyUpdate()
      .execute();
    const ids = rows.map(({ id }) => id);
    // Their pages show the stream's facts, whether or not the points change.
    if (ids.length > 0) {
      await transaction.updateTable("incidents").set({ changed_at: changedNow }).where("id", "in", ids).execute();
    }
    return ids;
  });
  await reprioritise(db, ids, nowMs);
}

const textsStorable = (fact: unknown) => (typeof fact === "string" ? storableText(fact) : fact);

function newsOf({ live, viewers, title, streamerId, startedAt }: StreamUpdate, nowMs: number): StreamNews {
  return {
    atMs: nowMs,
    live,
    viewers: viewers === undefined ? undefined : Math.min(viewers, 2 ** 31 - 1),
    title: title === undefined ? undefined : storableText(title),
    streamerId: streamerId === undefined ? undefined : storableText(streamerId),
    startedAtMs: readTimeMs(startedAt),
  };
}
