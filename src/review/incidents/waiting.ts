import { sql } from "kysely";
import type { Waiting } from "../contract/hold.ts";
import type { ReviewContext } from "../review-context.ts";

type Parts = Pick<ReviewContext, "db" | "now">;

const hourMs = 3_600_000;
/** So many times the usual hour's incidents are a flood, from so many on. */
const floodFactor = 3;
const leastFlood = 100;
/** The usual hour is the mean of the day before the last hour; less of it known says nothing yet. */
const usualHours = 24;
const leastKnownHours = 3;
/** Counting a day's incidents takes longer than a claim may. */
const floodEveryMs = 10_000;

/** What waits for a person, and whether far more comes than usual. */
export async function readWaiting({ db, now }: Parts): Promise<Waiting> {
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
    flood: await recentFlood({ db, now }),
  };
}

async function lastArrival(db: ReviewContext["db"]): Promise<Date | undefined> {
  const row = await db.selectFrom("incidents").select("opened_at").orderBy("id", "desc").limit(1).executeTakeFirst();
  return row?.opened_at;
}

const floods = new WeakMap<ReviewContext["db"], { atMs: number; flood: Promise<Waiting["flood"]> }>();

/** Whether there is a flood, as it was some seconds ago at most. */
function recentFlood({ db, now }: Parts): Promise<Waiting["flood"]> {
  const known = floods.get(db);
  if (known && Math.abs(now() - known.atMs) < floodEveryMs) return known.flood;
  const flood = readFlood({ db, now });
  floods.set(db, { atMs: now(), flood });
  flood.catch(() => floods.delete(db));
  return flood;
}

/** Of the incidents opened in the last hour, whatever became of them. */
async function readFlood({ db, now }: Parts): Promise<Waiting["flood"]> {
  const hourAgo = new Date(now() - hourMs);
  const counts = await db
    .selectFrom("incidents")
    .select([
      sql<number>`(count(*) filter (where opened_at > ${hourAgo}))::int`.as("recent"),
      sql<number>`(count(*) filter (where opened_at <= ${hourAgo}))::int`.as("before"),
      sql<Date | null>`min(opened_at)`.as("first"),
    ])
    .where("opened_at", ">", new Date(now() - (usualHours + 1) * hourMs))
    .executeTakeFirstOrThrow();
  const knownHours = (hourAgo.getTime() - (counts.first?.getTime() ?? hourAgo.getTime())) / hourMs;
  if (counts.recent < leastFlood || knownHours < leastKnownHours) return null;
  if (counts.recent <= (floodFactor * counts.before) / Math.min(usualHours, knownHours)) return null;
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
