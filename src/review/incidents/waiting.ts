import { sql } from "kysely";
import type { Waiting } from "../contract/hold.ts";
import type { ReviewContext } from "../review-context.ts";

const hourMs = 3_600_000;
/** So many times the usual hour's incidents are a flood, from so many on. */
const floodFactor = 3;
const leastFlood = 100;
/** The usual hour is the mean of the day before the last hour. */
const usualHours = 24;

/** What waits for a person, and whether far more comes than usual. */
export async function readWaiting({ db, now }: Pick<ReviewContext, "db" | "now">): Promise<Waiting> {
  const waiting = await db
    .selectFrom("incidents")
    .select([
      sql<number>`count(*)::int`.as("count"),
      sql<Date | null>`min(opened_at) filter (where severity = 'severe')`.as("oldest_severe"),
      sql<Date | null>`max(opened_at)`.as("last"),
    ])
    .where("state", "in", ["open", "escalated"])
    .executeTakeFirstOrThrow();
  const last = waiting.last ?? (await lastArrival(db));
  return {
    count: waiting.count,
    oldestSevereAt: waiting.oldest_severe?.toISOString() ?? null,
    lastArrivedAt: last?.toISOString() ?? null,
    flood: await flood(db, now()),
  };
}

async function lastArrival(db: ReviewContext["db"]): Promise<Date | undefined> {
  const row = await db.selectFrom("incidents").select("opened_at").orderBy("id", "desc").limit(1).executeTakeFirst();
  return row?.opened_at;
}

async function flood(db: ReviewContext["db"], nowMs: number): Promise<Waiting["flood"]> {
  const hourAgo = new Date(nowMs - hourMs);
  const counts = await db
    .selectFrom("incidents")
    .select([
      sql<number>`(count(*) filter (where opened_at > ${hourAgo}))::int`.as("recent"),
      sql<number>`(count(*) filter (where opened_at <= ${hourAgo}))::int`.as("before"),
    ])
    .where("opened_at", ">", new Date(nowMs - (usualHours + 1) * hourMs))
    .executeTakeFirstOrThrow();
  if (counts.recent < leastFlood || counts.recent <= (floodFactor * counts.before) / usualHours) return null;
  const largest = await db
    .selectFrom("incidents")
    .select(["category", "policy_version", sql<number>`count(*)::int`.as("count")])
    .where("opened_at", ">", hourAgo)
    .groupBy(["category", "policy_version"])
    .orderBy("count", "desc")
    .limit(1)
    .executeTakeFirst();
  if (!largest) return null;
  return { category: largest.category, policyVersion: largest.policy_version, share: largest.count / counts.recent };
}
