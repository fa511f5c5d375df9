import type { ActivityPage } from "../contract/incident.ts";
import type { ReviewContext } from "../review-context.ts";
import { ReviewError } from "../review-error.ts";
import { activityEntry, selectActivity } from "./select-activity.ts";

/**
 * The activity log, of everything or of one incident, newest first, a page at a time.
 * @throws ReviewError `invalid` for what is no cursor
 */
export async function readActivity(
  context: ReviewContext,
  { incidentId, cursor, limit }: { incidentId?: number; cursor?: string; limit: number },
): Promise<ActivityPage> {
  let query = selectActivity(context.db)
    .orderBy("a.id", "desc")
    .limit(limit + 1);
  if (incidentId !== undefined) query = query.where("a.incident_id", "=", incidentId);
  if (cursor !== undefined) query = query.where("a.id", "<", lineBefore(cursor));
  const rows = await query.execute();
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return {
    items: shown.map(activityEntry),
    next: last ? Buffer.from(`line ${last.id}`).toString("base64url") : null,
  };
}

function lineBefore(cursor: string): number {
  const [, digits] = /^line (\d{1,15})$/.exec(Buffer.from(cursor, "base64url").toString()) ?? [];
  if (digits === undefined)
    throw new ReviewError("invalid", "The cursor is not of this list: begin again without one.");
  return Number(digits);
}
