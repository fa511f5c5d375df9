import { sql } from "kysely";
import type { ActivityEntry } from "../contract/incident.ts";
import type { ReviewContext } from "../review-context.ts";
import { csvLine } from "./csv.ts";
import { activityEntry, selectActivity } from "./select-activity.ts";

const batchLines = 1_000;

/**
 * The activity log from one moment up to another, oldest first, as text to send on piece by piece. It is read in
 * batches as the reader takes them, so that any length needs the memory of one batch.
 *
 * @param range ISO 8601; absent: from the beginning, up to now
 */
export async function* exportActivity(
  context: ReviewContext,
  { from, to, format }: { from?: string; to?: string; format: "csv" | "jsonl" },
): AsyncGenerator<string> {
  if (format === "csv") yield csvLine(columns);
  const lineOf = format === "csv" ? asCsv : (entry: ActivityEntry) => `${JSON.stringify(entry)}\n`;
  const lines = selectActivity(context.db)
    .select(sql<number>`(extract(epoch from a.at) * 1000000)::bigint`.as("micros"))
    .where("a.at", ">=", new Date(from ?? 0))
    .where("a.at", "<", to === undefined ? sql<Date>`now()` : new Date(to))
    .orderBy("a.at")
    .orderBy("a.id")
    .limit(batchLines);
  let last: { micros: number; id: number } | undefined;
  for (;;) {
    const rows = await (last === undefined ? lines : lines.where(follows(last))).execute();
    if (rows.length > 0) yield rows.map((row) => lineOf(activityEntry(row))).join("");
    last = rows.at(-1);
    if (rows.length < batchLines || last === undefined) return;
  }
}

/** Moments as whole microseconds, as Postgres keeps them: a JavaScript date would cut them off. */
const follows = ({ micros, id }: { micros: number; id: number }) =>
  sql<boolean>`(a.at, a.id) > (timestamptz 'epoch' + ${micros}::float8 * interval '1 microsecond', ${id})`;

const columns = ["id", "at", "actor", "actorName", "kind", "incidentId", "streamId", "details"] as const;

function asCsv(entry: ActivityEntry): string {
  return csvLine(columns.map((column) => (column === "details" ? JSON.stringify(entry.details) : entry[column])));
}
