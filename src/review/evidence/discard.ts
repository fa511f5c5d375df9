import type { Db } from "../database/connection.ts";

/**
 * Gives pictures over to the sweep, which deletes them: those of a verdict that no incident takes. Written in the
 * same transaction as what becomes of the verdict, so that neither a crash nor a store that is away leaves one behind.
 *
 * @param refs references into the evidence store; giving one twice does no harm
 */
export async function discardEvidence(db: Db, refs: readonly string[]): Promise<void> {
  if (refs.length === 0) return;
  await db
    .insertInto("discarded_evidence")
    .values(refs.map((ref) => ({ ref })))
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}
