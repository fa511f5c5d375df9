/**
 * How long evidence is kept. Pictures and thumbnails of an incident go when it has been closed for the days of its
 * severity; those of one that is open, or under legal hold, never. What is known of its frames stays.
 */
import { sql } from "kysely";
import type { Lifecycle } from "../../pipeline/lifecycle.ts";
import { repeat } from "../../pipeline/repeat.ts";
import type { Retention, RetentionPreview } from "../contract/admin.ts";
import type { ReviewContext } from "../review-context.ts";
import { readSetting } from "../settings/review-settings.ts";
import { keepingTimes } from "./keeping-time.ts";
import { sweepClosed, withPictures } from "./sweep-closed.ts";
import { sweepDiscarded } from "./sweep-discarded.ts";

/** The background duty that deletes evidence when its time is over. Any number of processes may run it. */
export function createRetentionSweep(context: ReviewContext, everyMs = 600_000): Lifecycle {
  let detail = "retention sweep: not run yet";
  const stopping = new AbortController();
  let underWay: Promise<unknown> = Promise.resolve();
  let stopRepeating: (() => void) | undefined;
  return {
    async start() {
      stopRepeating ??= repeat(
        everyMs,
        async () => {
          underWay = sweepEvidence(context, stopping.signal);
          await underWay.then(
            (deleted) => {
              detail = `retention sweep: ${deleted} deleted at ${new Date(context.now()).toISOString()}`;
            },
            (error: Error) => {
              detail = `retention sweep: ${error.message}`;
              throw error;
            },
          );
        },
        context.log,
      );
    },
    async stop() {
      stopRepeating?.();
      stopping.abort();
      await underWay.catch(() => undefined);
    },
    // Evidence that is kept for longer than it should be is to be seen in the log, and no reason to take no requests.
    health: async () => ({ live: true, ready: true, detail }),
  };
}

/**
 * Deletes all evidence that is due.
 * @param signal ends it between two batches; what is left is due the next time
 * @returns pictures and thumbnails deleted
 * @throws BlobError when the evidence store is away
 */
export async function sweepEvidence(context: ReviewContext, signal: AbortSignal): Promise<number> {
  const retention = await readSetting(context, "retention");
  let deleted = 0;
  for (const alike of keepingTimes(retention)) deleted += await sweepClosed(context, alike, signal);
  deleted += await sweepDiscarded(context, signal);
  if (deleted > 0) context.log.info({ deleted }, "evidence was deleted");
  return deleted;
}

/**
 * What retention would do with `setting`: when it first deletes, and how many frames lose their pictures within the
 * 24 hours from then. `at` is now if something is due at once, null if nothing is closed.
 */
export async function previewRetention(context: ReviewContext, setting: Retention): Promise<RetentionPreview> {
  const times = JSON.stringify(keepingTimes(setting));
  const due = sql`
    with due as (
      select i.id, i.evidence_swept_through as swept,
        i.closed_at + k."keptMs" * interval '1 millisecond' as at
      from incidents i
      join jsonb_to_recordset(${times}::jsonb) as k (kind text, severity text, "keptMs" float8)
        on k.kind = i.kind and k.severity = i.severity
      where ${withPictures}
    ), first as (
      select greatest(min(at), ${new Date(context.now())}::timestamptz) as at from due having count(*) > 0
    )`;
  const { rows } = await sql<{ at: Date | null; deletes: number }>`${due}
    select first.at, (
      select count(*) from due join frames f on f.incident_id = due.id and f.number > due.swept
      where due.at <= first.at + interval '24 hours' and (f.evidence is not null or f.thumbnail is not null)
    ) as deletes from first`.execute(context.db);
  const [preview] = rows;
  return { deletes: preview?.deletes ?? 0, at: preview?.at?.toISOString() ?? null };
}
