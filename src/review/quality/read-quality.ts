import { type RawBuilder, sql } from "kysely";
import type { z } from "zod";
import { type Severity, severities } from "../../capture/verdict.ts";
import type { Quality, QualityQuery } from "../contract/quality.ts";
import type { Db } from "../database/connection.ts";
import type { ReviewContext } from "../review-context.ts";
import { ReviewError } from "../review-error.ts";
import { type DecidedIn, decided } from "./decided.ts";
import { readTimes } from "./read-times.ts";
import { proportion } from "./wilson.ts";

const defaultSpanMs = 7 * 86_400_000;

/**
 * The figures of quality of the decisions of a span of time; docs/quality.md says what each counts.
 * @throws ReviewError `invalid` when the span ends before it begins
 */
export async function readQuality(context: ReviewContext, query: z.infer<typeof QualityQuery>): Promise<Quality> {
  const { db } = context;
  const to = query.to === undefined ? new Date(context.now()) : new Date(query.to);
  const from = query.from === undefined ? new Date(to.getTime() - defaultSpanMs) : new Date(query.from);
  if (from >= to)
    throw new ReviewError("invalid", "The span of time ends before it begins: `from` must be before `to`.");
  const span = { from, to, policyVersion: storable(query.policyVersion), model: storable(query.model) };

  return {
    from: from.toISOString(),
    to: to.toISOString(),
    precision: await readPrecision(db, span),
    times: await readTimes(db, span),
    targets: await readTargets(db, span),
    missed: await readMissed(db, span),
    days: await rowsOf<Quality["days"][number]>(
      db,
      sql`select to_char(decided_at at time zone 'UTC', 'YYYY-MM-DD') as day,
        count(*) filter (where outcome = 'violation') as confirmed,
        count(*) filter (where outcome = 'no-violation') as dismissed
      from ${decided("last", span)} d group by 1 order by 1`,
    ),
    ...(await readChoices(db, { from, to })),
  };
}

/** Postgres refuses NUL in any text; no policy and no model has this name either. */
const storable = (text: string | undefined) => text?.replaceAll("\0", "\uFFFD");

async function readPrecision(db: Db, span: DecidedIn): Promise<Quality["precision"]> {
  const rows = await rowsOf<Omit<Quality["precision"][number], "confirmed"> & { count: number; of: number }>(
    db,
    sql`select category, model, model_version as "modelVersion", policy_version as "policyVersion",
      count(*) filter (where outcome = 'violation' and decided_category = category) as count, count(*) as of
    from ${decided("last", span)} d where kind = 'flagged' and by_eye
    group by 1, 2, 3, 4 order by 1, 2, 3, 4`,
  );
  return rows.map(({ count, of, ...row }) => ({ ...row, confirmed: proportion(count, of) }));
}

async function readTargets(db: Db, span: DecidedIn): Promise<Quality["targets"]> {
  const rows = await rowsOf<{ severity: Severity; count: number; of: number }>(
    db,
    sql`select severity, count(*) filter (where decided_at <= target_at) as count, count(*) as of
    from ${decided("first", span)} d where kind = 'flagged' group by 1`,
  );
  return severities.map((severity) => {
    const row = rows.find((candidate) => candidate.severity === severity);
    return { severity, met: proportion(row?.count ?? 0, row?.of ?? 0) };
  });
}

async function readMissed(db: Db, span: DecidedIn): Promise<Quality["missed"]> {
  const rows = await rowsOf<{ policyVersion: string; count: number; of: number }>(
    db,
    sql`select policy_version as "policyVersion", count(*) filter (where outcome = 'violation') as count,
      count(*) as of
    from ${decided("last", span)} d where kind = 'sampled' and by_eye group by 1 order by 1`,
  );
  return rows.map(({ policyVersion, count, of }) => ({ policyVersion, violations: proportion(count, of) }));
}

/** What can be chosen: all that has decisions in the span, whatever is chosen now. */
async function readChoices(db: Db, span: DecidedIn): Promise<Pick<Quality, "policyVersions" | "models">> {
  const rows = await rowsOf<{ policyVersion: string; model: string }>(
    db,
    sql`select distinct policy_version as "policyVersion", model from ${decided("last", span)} d order by 1, 2`,
  );
  return {
    policyVersions: [...new Set(rows.map(({ policyVersion }) => policyVersion))],
    models: [...new Set(rows.map(({ model }) => model))].toSorted(),
  };
}

async function rowsOf<Row>(db: Db, query: RawBuilder<unknown>): Promise<Row[]> {
  return (await sql<Row>`${query}`.execute(db)).rows;
}
