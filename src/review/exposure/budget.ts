/**
 * How much severe material a person has looked at. Three limits, each settable: severe incidents and time in the last
 * hour, and severe incidents in a row. Past one, milder incidents are offered; what is already held is never taken.
 */
import { sql } from "kysely";
import type { Severity } from "../../capture/verdict.ts";
import type { BudgetNotice } from "../contract/hold.ts";
import type { Exposure, ExposureLimits } from "../contract/me.ts";
import type { Db } from "../database/connection.ts";
import type { ReviewContext } from "../review-context.ts";
import { readSetting } from "../settings/review-settings.ts";

const hourMs = 3_600_000;
/** After too many severe ones in a row, severe ones come again after a milder one, or after a pause of so long. */
const inARowPauseMs = 600_000;

/** Looks of the last hour at severe pictures, newest first. */
export interface SevereLook {
  incidentId: number;
  atMs: number;
  ms: number;
}

/** One incident that a person has dealt with, newest first. */
export interface Handled {
  severe: boolean;
  endedAtMs: number;
}

/** Which limit is reached, and until when. Pure. */
export function budgetFrom(
  limits: ExposureLimits,
  looks: readonly SevereLook[],
  handled: readonly Handled[],
  nowMs: number,
): BudgetNotice | null {
  const recent = looks.filter(({ atMs }) => atMs > nowMs - hourMs);
  const incidents = new Map<number, number>();
  for (const { incidentId, atMs } of recent) incidents.set(incidentId, Math.max(atMs, incidents.get(incidentId) ?? 0));
  const notice = (untilMs: number, why: BudgetNotice["why"]): BudgetNotice => ({
    severity: "severe",
    until: new Date(untilMs).toISOString(),
    why,
  });

  const lastLooks = [...incidents.values()].toSorted((a, b) => b - a);
  const oldestThatCounts = lastLooks[limits.severeIncidentsPerHour - 1];
  if (oldestThatCounts !== undefined) return notice(oldestThatCounts + hourMs, "incidents");

  let ms = 0;
  for (const look of recent.toSorted((a, b) => b.atMs - a.atMs)) {
    ms += look.ms;
    if (ms >= limits.severeMsPerHour) return notice(look.atMs + hourMs, "time");
  }

  if (inARow(handled, nowMs) >= limits.severeInARow) {
    return notice((handled[0]?.endedAtMs ?? nowMs) + inARowPauseMs, "in-a-row");
  }
  return null;
}

/** Severe incidents, the newest ones, with neither a milder one nor a pause between or after them. */
function inARow(handled: readonly Handled[], nowMs: number): number {
  let laterMs = nowMs;
  let count = 0;
  for (const { severe, endedAtMs } of handled) {
    if (!severe || laterMs - endedAtMs >= inARowPauseMs) break;
    laterMs = endedAtMs;
    count += 1;
  }
  return count;
}

/**
 * @param options.lookingAt an incident that is about to be looked at and decided: counted as if it had been
 */
export async function budgetOf(
  context: ReviewContext,
  userId: string,
  { db = context.db, lookingAt }: { db?: Db; lookingAt?: number } = {},
): Promise<BudgetNotice | null> {
  const limits = await readSetting(context, "exposure", db);
  const looks = await db
    .selectFrom("reveals")
    .select(["incident_id", "at", "ms"])
    .where("user_id", "=", userId)
    .where("severity", "=", "severe")
    .where("at", ">", new Date(context.now() - hourMs))
    .execute();
  const handled = await db
    .selectFrom("leases as l")
    .innerJoin("incidents as i", "i.id", "l.incident_id")
    .select(["i.severity", "l.ended_at"])
    .where("l.user_id", "=", userId)
    .where("l.ended_by", "in", ["decided", "escalated"])
    .where("l.shown_at", "is not", null) // Those closed in bulk were not.
    .orderBy("l.ended_at", "desc")
    .limit(limits.severeInARow)
    .execute();
  const nowMs = context.now();
  const allLooks = looks.map(({ incident_id, at, ms }) => ({ incidentId: incident_id, atMs: at.getTime(), ms }));
  const allHandled = handled.map(({ severity, ended_at }) => ({
    severe: severity === "severe",
    endedAtMs: ended_at?.getTime() ?? 0,
  }));
  if (lookingAt !== undefined) {
    const severe = (await severityOf(db, lookingAt)) === "severe";
    allHandled.unshift({ severe, endedAtMs: nowMs });
    if (severe) allLooks.unshift({ incidentId: lookingAt, atMs: nowMs, ms: 0 });
  }
  return budgetFrom(limits, allLooks, allHandled, nowMs);
}

async function severityOf(db: Db, incidentId: number): Promise<Severity> {
  const { severity } = await db
    .selectFrom("incidents")
    .select("severity")
    .where("id", "=", incidentId)
    .executeTakeFirstOrThrow();
  return severity;
}

/** What a person has looked at: today by severity, and of severe pictures in the last hour. */
export async function exposureOf(context: ReviewContext, userId: string): Promise<Exposure> {
  const midnight = new Date(context.now()).setUTCHours(0, 0, 0, 0);
  const today = await context.db
    .selectFrom("reveals")
    .select(["severity", sql<number>`sum(ms)::float8`.as("ms")])
    .where("user_id", "=", userId)
    .where("at", ">=", new Date(midnight))
    .groupBy("severity")
    .execute();
  const hour = await context.db
    .selectFrom("reveals")
    .select([
      sql<number>`count(distinct incident_id)::int`.as("incidents"),
      sql<number>`coalesce(sum(ms), 0)::float8`.as("ms"),
    ])
    .where("user_id", "=", userId)
    .where("severity", "=", "severe")
    .where("at", ">", new Date(context.now() - hourMs))
    .executeTakeFirstOrThrow();
  return {
    today: { low: 0, medium: 0, high: 0, severe: 0, ...Object.fromEntries(today.map((row) => [row.severity, row.ms])) },
    severeInHour: hour.incidents,
    severeMsInHour: hour.ms,
  };
}
