import { sql } from "kysely";
import type { ReviewContext } from "../../src/review/review-context.ts";

/** Writes `count` open incidents, one a stream, the first the most urgent; @returns their ids in that order */
export async function fillQueue(context: ReviewContext, count: number): Promise<number[]> {
  await sql`
    insert into streams (stream_id, last_seen_at)
    select 'stream-' || n, now() from generate_series(1, ${count}::int) n
  `.execute(context.db);
  const { rows } = await sql<{ id: number }>`
    insert into incidents (stream_id, category, kind, severity, joinable, opened_at, last_flagged_at, first_captured_at,
      target_at, frame_count, flagged_count, peak_score, model, model_version, policy_version, priority, priority_terms)
    select 'stream-' || n, 'suggestive', 'flagged', 'low', false, now(), now(), now(),
      now() + interval '1 hour', 1, 1, 0.9, 'nsfw', '1', 'nsfw-1', 100000 - n, '[]'
    from generate_series(1, ${count}::int) n order by n returning id
  `.execute(context.db);
  return rows.map(({ id }) => id);
}

/** Another frame count in each, as when frames join. */
export async function touch(context: ReviewContext, ids: readonly number[]): Promise<void> {
  await context.db
    .updateTable("incidents")
    .set({ frame_count: sql`frame_count + 1`, changed_at: sql`clock_timestamp()` })
    .where("id", "in", ids)
    .execute();
}
