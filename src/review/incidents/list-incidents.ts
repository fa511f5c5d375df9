import { type ExpressionBuilder, sql } from "kysely";
import type { IncidentFilters, IncidentPage } from "../contract/incident.ts";
import type { Database } from "../database/schema.ts";
import type { ReviewContext } from "../review-context.ts";
import { decodeCursor, encodeCursor, type IncidentSort } from "./incident-cursor.ts";
import { readSummaries } from "./summaries.ts";

/** More than this are not counted: a larger number tells nobody more, and counting millions takes seconds. */
const maxTotal = 100_000;

/**
 * The incidents that pass every filter, a page at a time. Pages follow the sort keys, so rows that come or go between
 * two pages neither repeat nor hide others; a row whose own key changes may do either.
 *
 * @param page.limit rows of the page
 * @throws ReviewError `invalid` for a cursor that was not given out for this order
 */
export async function listIncidents(
  context: ReviewContext,
  filters: IncidentFilters,
  page: { cursor?: string; limit: number; sort?: IncidentSort },
): Promise<IncidentPage> {
  const { db } = context;
  const sort = page.sort ?? "priority";
  const after = page.cursor === undefined ? undefined : decodeCursor(page.cursor, sort);
  // Postgres refuses NUL in any text, so nothing can match it.
  const unmatchable = Object.values(filters).some((value) => [value].flat().some((text) => text?.includes("\0")));
  if (unmatchable) return { items: [], next: null, total: 0 };

  const key = sortKeys[sort];
  const matching = db.selectFrom("incidents as i").where((where) => matches(where, filters));
  const rows = await matching
    .select(["i.id", key.value.as("key")])
    .where(after ? key.follows(after) : sql.lit(true))
    .orderBy(key.order)
    .orderBy("i.id")
    .limit(page.limit + 1)
    .execute();
  const counted = await db
    .selectFrom(matching.select("i.id").limit(maxTotal).as("matching"))
    .select(({ fn }) => fn.countAll<number>().as("total"))
    .executeTakeFirstOrThrow();

  const shown = rows.slice(0, page.limit);
  const last = rows.length > page.limit ? shown.at(-1) : undefined;
  return {
    items: await readSummaries(
      db,
      shown.map(({ id }) => id),
    ),
    next: last ? encodeCursor({ sort, key: last.key, id: last.id }) : null,
    total: counted.total,
  };
}

/** Moments as whole microseconds since 1970, which is all that Postgres keeps of them: exact as numbers. */
const microseconds = (column: string) => sql<number>`(extract(epoch from ${sql.ref(column)}) * 1000000)::bigint`;
const moment = (key: number) => sql<Date>`timestamptz 'epoch' + ${key}::float8 * interval '1 microsecond'`;

/** The first comparison alone serves an index; the second leaves out what the page before had. */
const sortKeys = {
  priority: {
    value: sql<number>`i.priority`,
    order: sql`i.priority desc`,
    follows: ({ key, id }: Position) =>
      sql<boolean>`i.priority <= ${key}::real and (i.priority < ${key}::real or i.id > ${id})`,
  },
  waiting: moments("i.opened_at"),
  target: moments("i.target_at"),
} as const satisfies Record<IncidentSort, unknown>;

interface Position {
  key: number;
  id: number;
}

function moments(name: "i.opened_at" | "i.target_at") {
  const column = sql.ref(name);
  return {
    value: microseconds(name),
    order: sql`${column}`,
    follows: ({ key, id }: Position) =>
      sql<boolean>`${column} >= ${moment(key)} and (${column} > ${moment(key)} or i.id > ${id})`,
  };
}

function matches(where: ExpressionBuilder<{ i: Database["incidents"] } & Database, "i">, filters: IncidentFilters) {
  const oneOf = (column: "i.severity" | "i.category" | "i.state" | "i.model", values: readonly string[] | undefined) =>
    values === undefined || values.length === 0 ? [] : [where(column, "in", values)];
  const search = filters.search?.trim() ?? "";
  return where.and([
    ...oneOf("i.severity", filters.severity),
    ...oneOf("i.category", filters.category),
    ...oneOf("i.state", filters.state),
    ...oneOf("i.model", filters.model),
    ...(filters.policyVersion === undefined ? [] : [where("i.policy_version", "=", filters.policyVersion)]),
    ...(filters.kind === undefined ? [] : [where("i.kind", "=", filters.kind)]),
    ...(filters.holder === undefined ? [] : [heldBy(filters.holder)]),
    ...(search === "" ? [] : [found(search)]),
  ]);
}

/** Compared as text: what is no uuid is nobody's id, and no error. */
const heldBy = (userId: string) =>
  sql<boolean>`i.id in (select incident_id from leases where ended_at is null and user_id::text = ${userId})`;

function found(search: string) {
  const pattern = `%${search.replaceAll(/[\\%_]/g, "\\$&")}%`;
  return sql<boolean>`(
    i.stream_id in (select stream_id from streams where stream_id ilike ${pattern} or title ilike ${pattern})
    or i.id in (select incident_id from frames where capture_id = ${search})
  )`;
}
