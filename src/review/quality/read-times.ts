import { sql } from "kysely";
import { type Severity, severities } from "../../capture/verdict.ts";
import type { Quality } from "../contract/quality.ts";
import type { Db } from "../database/connection.ts";
import { type DecidedIn, decided } from "./decided.ts";

/**
 * Times from the capture of an incident's first flagged frame to its first decision, by severity, with the severities
 * of which there are none. Handling is what the page measured, breaks left out, else the time since the incident came
 * on the screen; waiting is what remains.
 */
export async function readTimes(db: Db, span: DecidedIn): Promise<Quality["times"]> {
  const { rows } = await sql<{ severity: Severity; part: string; spread: number[]; count: number }>`
    with measured as (
      select d.severity,
        extract(epoch from t.decided_at - t.captured_at)::float8 * 1000 as pipeline,
        coalesce(d.handling_ms, extract(epoch from d.decided_at - l.shown_at)::float8 * 1000, 0) as handling,
        extract(epoch from d.decided_at - t.captured_at)::float8 * 1000 as total
      from ${decided("first", span)} d
      join leases l on l.token = d.lease_token
      join lateral (
        select captured_at, decided_at from frames
        where incident_id = d.id and kind = 'flagged' order by number limit 1) t on true
      where d.kind = 'flagged' and d.by_eye
    )
    select severity, part, count(*) as count,
      percentile_cont(array[0.5, 0.95]) within group (order by greatest(ms, 0)) as spread
    from measured cross join lateral (values
      ('pipeline', pipeline), ('handling', handling), ('total', total),
      ('waiting', total - pipeline - handling)) as split (part, ms)
    group by 1, 2`.execute(db);
  const spreadOf = (severity: Severity, part: string) => {
    const row = rows.find((candidate) => candidate.severity === severity && candidate.part === part);
    return { p50Ms: row?.spread[0] ?? null, p95Ms: row?.spread[1] ?? null, count: row?.count ?? 0 };
  };
  return severities.map((severity) => ({
    severity,
    pipeline: spreadOf(severity, "pipeline"),
    waiting: spreadOf(severity, "waiting"),
    handling: spreadOf(severity, "handling"),
    total: spreadOf(severity, "total"),
  }));
}
