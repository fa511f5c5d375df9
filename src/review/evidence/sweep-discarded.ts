import { sql } from "kysely";
import { appendActivity } from "../activity/append.ts";
import type { ReviewContext } from "../review-context.ts";

/** Longer than a later verdict can take to name the capture among those before it. */
const keptMs = 3_600_000;
const batchRefs = 200;

/**
 * Deletes pictures that were given over by `discardEvidence`, but for those that a frame shows by now.
 * @returns pictures and thumbnails deleted
 * @throws BlobError
 */
export async function sweepDiscarded(context: ReviewContext, signal: AbortSignal): Promise<number> {
  let deleted = 0;
  while (!signal.aborted) {
    const batch = await sweepBatch(context);
    deleted += batch.deleted;
    if (batch.taken < batchRefs) break;
  }
  return deleted;
}

function sweepBatch({ db: pool, evidence, now }: ReviewContext): Promise<{ taken: number; deleted: number }> {
  return pool.transaction().execute(async (db) => {
    const taken = await db
      .selectFrom("discarded_evidence as d")
      .select(["d.ref", "d.capture_id"])
      .select(
        sql<boolean>`exists (
          select from frames f where f.capture_id = d.capture_id and d.ref in (f.evidence, f.thumbnail))`.as("shown"),
      )
      .where("d.discarded_at", "<=", new Date(now() - keptMs))
      .limit(batchRefs)
      .forUpdate("d")
      .skipLocked()
      .execute();
    if (taken.length === 0) return { taken: 0, deleted: 0 };
    const unused = taken.filter(({ shown }) => !shown);
    await evidence.delete(unused.map(({ ref }) => ref));
    await db
      .deleteFrom("discarded_evidence")
      .where(
        "ref",
        "in",
        taken.map(({ ref }) => ref),
      )
      .execute();
    if (unused.length > 0) {
      const captureIds = [...new Set(unused.map(({ capture_id }) => capture_id))];
      const details = { why: "not in review", pictures: unused.length, captureIds };
      await appendActivity(db, { actor: "system", kind: "evidence-deleted", details });
    }
    return { taken: taken.length, deleted: unused.length };
  });
}
