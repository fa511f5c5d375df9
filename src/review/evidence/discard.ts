import type { Db } from "../database/connection.ts";

interface Pictures {
  captureId: string;
  /** References into the evidence store. */
  evidence: string | null;
  thumbnail: string | null;
}

/**
 * Gives pictures over to the sweep, which deletes them an hour later: those of a verdict that no incident takes.
 * Written in the same transaction as what becomes of the verdict, so that neither a crash nor a store that is away
 * leaves one behind. A picture that a frame shows all the same by then, because a later verdict named the capture
 * among those before it, stays. Giving one over twice does no harm.
 */
export async function discardEvidence(db: Db, captures: readonly Pictures[], nowMs: number): Promise<void> {
  const discarded = captures.flatMap(({ captureId, evidence, thumbnail }) =>
    [evidence, thumbnail].flatMap((ref) =>
      ref === null ? [] : [{ ref, capture_id: captureId, discarded_at: new Date(nowMs) }],
    ),
  );
  if (discarded.length === 0) return;
  await db
    .insertInto("discarded_evidence")
    .values(discarded)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}
