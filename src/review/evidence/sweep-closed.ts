import { type SqlBool, sql } from "kysely";
import { BlobError } from "../../blobs/blob-store.ts";
import { appendActivity } from "../activity/append.ts";
import type { Db } from "../database/connection.ts";
import type { ReviewContext } from "../review-context.ts";
import type { KeptAlike } from "./keeping-time.ts";

/** Frames whose pictures are deleted at a time, under the lock of their incident. */
const batchFrames = 200;

/** As the index on such incidents says it: closed, not under legal hold, and retention has not been there. */
export const withPictures = sql<SqlBool>`(state = 'closed' and not legal_hold and evidence_swept_through < frame_count)`;

/**
 * Deletes what is due of the pictures of incidents that are kept alike.
 * @param signal ends it between two batches
 * @returns pictures and thumbnails deleted
 * @throws BlobError `unavailable`
 */
export async function sweepClosed(context: ReviewContext, alike: KeptAlike, signal: AbortSignal): Promise<number> {
  const refused: number[] = [];
  let deleted = 0;
  while (!signal.aborted) {
    const batch = await sweepBatch(context, alike, refused);
    if (!batch) break;
    deleted += batch.deleted;
    if (batch.refused) refused.push(batch.incidentId);
  }
  return deleted;
}

interface Batch {
  incidentId: number;
  deleted: number;
  /** The store will not delete them: they were kept in another one. */
  refused: boolean;
}

/**
 * A batch of one incident's pictures; undefined when nothing is due.
 *
 * The incident's row stays locked from the choice to the end, so that no reopening and no legal hold comes in between;
 * incidents that another process is at are passed over. Pictures go first and the record of it after them: a crash in
 * between deletes them once more, which does no harm.
 */
async function sweepBatch(context: ReviewContext, alike: KeptAlike, passOver: number[]): Promise<Batch | undefined> {
  return context.db.transaction().execute(async (db) => {
    const incident = await dueIncident(db, alike, context.now(), passOver);
    if (!incident) return undefined;
    const frames = await db
      .selectFrom("frames")
      .select(["capture_id", "number", "evidence", "thumbnail"])
      .where("incident_id", "=", incident.id)
      .where("number", ">", incident.evidence_swept_through)
      .orderBy("number")
      .limit(batchFrames)
      .execute();
    const refs = frames.flatMap(({ evidence, thumbnail }) => [evidence, thumbnail].filter((ref) => ref !== null));
    try {
      await context.evidence.delete(refs);
    } catch (error) {
      if (!(error instanceof BlobError) || error.code === "unavailable") throw error;
      context.log.error({ incidentId: incident.id, err: error.message }, "expired evidence cannot be deleted");
      return { incidentId: incident.id, deleted: 0, refused: true };
    }
    const last = frames.length < batchFrames ? undefined : frames.at(-1)?.number;
    await db
      .updateTable("incidents")
      .set({ evidence_swept_through: last ?? incident.frame_count, changed_at: sql<Date>`clock_timestamp()` })
      .where("id", "=", incident.id)
      .execute();
    await recordDeletion(db, incident, frames, context.now());
    return { incidentId: incident.id, deleted: refs.length, refused: false };
  });
}

function dueIncident(db: Db, { kind, severity, keptMs }: KeptAlike, nowMs: number, passOver: number[]) {
  return db
    .selectFrom("incidents")
    .select(["id", "stream_id", "severity", "frame_count", "evidence_swept_through"])
    .where("kind", "=", kind)
    .where("severity", "=", severity)
    .where(withPictures)
    .where("closed_at", "<=", new Date(nowMs - keptMs))
    .where(sql<SqlBool>`id <> all(${passOver}::bigint[])`)
    .orderBy("closed_at")
    .limit(1)
    .forUpdate()
    .skipLocked()
    .executeTakeFirst();
}

/** The frames say so, and one line of the activity log names them. */
async function recordDeletion(
  db: Db,
  incident: { id: number; stream_id: string },
  frames: readonly { capture_id: string; evidence: string | null; thumbnail: string | null }[],
  nowMs: number,
): Promise<void> {
  const deleted = frames.filter(({ evidence, thumbnail }) => evidence !== null || thumbnail !== null);
  const captureIds = deleted.map(({ capture_id }) => capture_id);
  if (captureIds.length === 0) return;
  await db
    .updateTable("frames")
    .set({ evidence_deleted_at: new Date(nowMs) })
    .where("capture_id", "in", captureIds)
    .where("evidence_deleted_at", "is", null)
    .execute();
  await appendActivity(db, {
    actor: "system",
    kind: "evidence-deleted",
    incidentId: incident.id,
    streamId: incident.stream_id,
    details: {
      why: "retention",
      pictures: deleted.filter(({ evidence }) => evidence !== null).length,
      thumbnails: deleted.filter(({ thumbnail }) => thumbnail !== null).length,
      captureIds,
    },
  });
}
