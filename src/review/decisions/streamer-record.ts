import type { Db } from "../database/connection.ts";

/**
 * Adds to (1) or takes back from (-1) the record that later incidents of the streamer show.
 * @param streamerId of the decision's message: what was added to one streamer is never taken back from another
 */
export async function countForStreamer(
  db: Db,
  streamerId: string | null,
  outcome: "no-violation" | "violation",
  by: 1 | -1,
): Promise<void> {
  if (!streamerId) return;
  const column = outcome === "violation" ? "confirmed" : "dismissed";
  await db
    .insertInto("streamers")
    .values({ streamer_id: streamerId, [column]: Math.max(by, 0) })
    .onConflict((conflict) =>
      conflict.column("streamer_id").doUpdateSet((set) => ({ [column]: set(`streamers.${column}`, "+", by) })),
    )
    .execute();
}
