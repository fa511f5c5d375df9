/**
 * Gives a person what to look at now and what comes after it, in one transaction:
 *
 *     own leases past their time end ► a standby that nobody has seen makes way for one that is much more urgent, or
 *     once it is severe and the budget is reached ► standby becomes current if there is none ► both are filled up
 */
import type { PersonActor } from "../access/actor.ts";
import { actorName, appendActivity } from "../activity/append.ts";
import type { BudgetNotice, Claim, Hold, Slot } from "../contract/hold.ts";
import type { Db } from "../database/connection.ts";
import type { LeaseRow } from "../database/schema.ts";
import { inTransaction } from "../database/transaction.ts";
import { budgetOf } from "../exposure/budget.ts";
import { readIncident } from "../incidents/read-incident.ts";
import { readWaiting } from "../incidents/waiting.ts";
import type { ReviewContext } from "../review-context.ts";
import { giveBack, grantLease, lockPerson } from "./lease.ts";
import { nextIncident } from "./next-incident.ts";

/** A standby is swapped only for an incident that is more urgent by this many points: sharp frames cost to load. */
const swapPoints = 10;

/**
 * @param known tokens of what the page shows already: its standby may be on the screen by now, and is not swapped once
 *   its predecessor is gone
 */
export async function claimNext(
  context: ReviewContext,
  actor: PersonActor,
  { known }: { known: readonly number[] } = { known: [] },
): Promise<Claim> {
  const { current, standby, budget } = await inTransaction(context.db, async (db) => {
    await lockPerson(db, actor);
    const held = await liveLeases(context, db, actor);
    const budget = await budgetOf(context, actor.id, { db });
    let current = held.find(({ slot }) => slot === "current");
    let standby = held.find(({ slot }) => slot === "standby");

    const onScreen = !current && standby && known.includes(standby.token);
    if (standby && !onScreen && (await shouldGo(context, db, actor, standby, budget))) {
      await giveBack(context, db, standby, "swapped");
      standby = undefined;
    }
    if (!current && standby) {
      current = await show(context, db, standby);
      standby = undefined;
    }
    current ??= await claim(context, db, actor, { slot: "current", budget });
    if (current && !standby) {
      // By the time it is shown the current one has been looked at.
      const later = await budgetOf(context, actor.id, { db, lookingAt: current.incident_id });
      standby = await claim(context, db, actor, { slot: "standby", budget: later });
    }
    return { current, standby, budget };
  });

  return {
    current: await holdOf(context, actor, current),
    standby: await holdOf(context, actor, standby),
    waiting: await readWaiting(context),
    budget,
    serverTime: new Date(context.now()).toISOString(),
  };
}

async function claim(
  context: ReviewContext,
  db: Db,
  actor: PersonActor,
  { slot, budget }: { slot: Slot; budget: BudgetNotice | null },
): Promise<LeaseRow | undefined> {
  const incident = await nextIncident(context, db, actor, { budget });
  if (!incident) return undefined;
  await appendActivity(db, {
    actor: actorName(actor),
    kind: "incident-claimed",
    incidentId: incident.id,
    streamId: incident.stream_id,
    details: { slot },
  });
  return grantLease(context, db, incident, { userId: actor.id, slot });
}

/** Whether a standby should make way: never once it has been shown. */
async function shouldGo(
  context: ReviewContext,
  db: Db,
  actor: PersonActor,
  standby: LeaseRow,
  budget: BudgetNotice | null,
): Promise<boolean> {
  if (standby.shown_at) return false;
  const { priority, severity, assigned_to } = await db
    .selectFrom("incidents")
    .select(["priority", "severity", "assigned_to"])
    .where("id", "=", standby.incident_id)
    .executeTakeFirstOrThrow();
  if (budget && severity === "severe") return true;
  if (assigned_to === actor.id) return false;
  return (await nextIncident(context, db, actor, { budget, above: priority + swapPoints })) !== undefined;
}

/** A person's live leases; those past their time are given back. */
export async function liveLeases(context: ReviewContext, db: Db, actor: PersonActor): Promise<LeaseRow[]> {
  const rows = await db
    .selectFrom("leases")
    .selectAll()
    .where("user_id", "=", actor.id)
    .where("ended_at", "is", null)
    .orderBy("incident_id")
    .execute();
  const live: LeaseRow[] = [];
  for (const row of rows) {
    if (row.expires_at.getTime() > context.now()) live.push(row);
    else await giveBack(context, db, row, "expired");
  }
  return live;
}

/** The standby comes on the screen: from now on it is not swapped. */
async function show(context: ReviewContext, db: Db, standby: LeaseRow): Promise<LeaseRow> {
  const now = new Date(context.now());
  return db
    .updateTable("leases")
    .set({ slot: "current", shown_at: now, expires_at: new Date(context.now() + context.timing.leaseMs) })
    .where("token", "=", standby.token)
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** What the page needs of a lease: everything of its incident. */
export async function holdOf(
  context: ReviewContext,
  actor: PersonActor,
  lease: LeaseRow | undefined,
): Promise<Hold | null> {
  if (!lease) return null;
  const incident = await readIncident(context, lease.incident_id, actor);
  return incident
    ? { token: lease.token, slot: lease.slot, expiresAt: lease.expires_at.toISOString(), incident }
    : null;
}
