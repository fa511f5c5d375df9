import type { Actor } from "../access/actor.ts";
import type { ActivityKind } from "../contract/activity.ts";
import type { Db } from "../database/connection.ts";

export interface Activity {
  /** `user:<id>`, `key:<id>` or `system`. */
  actor: string;
  kind: ActivityKind;
  incidentId?: number;
  streamId?: string;
  details?: Record<string, unknown>;
}

/** Writes lines of the activity log, in the transaction of what they tell of. */
export async function appendActivity(db: Db, lines: Activity | readonly Activity[]): Promise<void> {
  const all = Array.isArray(lines) ? lines : [lines];
  if (all.length === 0) return;
  await db
    .insertInto("activity")
    .values(
      all.map(({ actor, kind, incidentId, streamId, details }: Activity) => ({
        actor,
        kind,
        incident_id: incidentId ?? null,
        stream_id: streamId ?? null,
        details: JSON.stringify(details ?? {}),
      })),
    )
    .execute();
}

export const actorName = (actor: Actor): string => `${actor.kind === "person" ? "user" : "key"}:${actor.id}`;
