import { sql } from "kysely";
import type { ActivityEntry } from "../contract/incident.ts";
import type { Db } from "../database/connection.ts";

/** Lines of the log with the names of who acted; the caller adds which, and in which order. */
export function selectActivity(db: Db) {
  return db
    .selectFrom("activity as a")
    .leftJoin("users as u", (join) => join.on(sql<boolean>`a.actor = 'user:' || u.id`))
    .leftJoin("api_keys as k", (join) => join.on(sql<boolean>`a.actor = 'key:' || k.id`))
    .select(["a.id", "a.at", "a.actor", "a.kind", "a.incident_id", "a.stream_id", "a.details"])
    .select(sql<string | null>`coalesce(u.name, k.name)`.as("actor_name"));
}

type ActivityRow = Awaited<ReturnType<ReturnType<typeof selectActivity>["execute"]>>[number];

export function activityEntry(row: ActivityRow): ActivityEntry {
  return {
    id: row.id,
    at: row.at.toISOString(),
    actor: row.actor,
    actorName: row.actor_name,
    kind: row.kind,
    incidentId: row.incident_id,
    streamId: row.stream_id,
    details: row.details,
  };
}
