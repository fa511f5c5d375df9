/**
 * Gives a person what to look at now and what comes after it, in one transaction:
 *
 *     own leases past their time end ► standby becomes current if there is none ► current and standby are filled up
 *     ► a standby that has not been shown is swapped for one that is much more urgent
 */

import type { PersonActor } from "../access/actor.ts";
import { actorName, appendActivity } from "../activity/append.ts";
import type { Claim, Hold, Slot } from "../contract/hold.ts";
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

export async function claimNext(context: ReviewContext, actor: PersonActor): Promise<Claim> {
  const { leases, budget } = await inTransaction(context.db, async (db) => {
    await lockPerson(db, actor);
    const budget = await budgetOf(context, actor.id, db);
    const held = await liveLeases(context, db, actor);
    const claim = async (slot: Slot, above?: number): Promise<LeaseRow | undefined> => {
      const incident = await nextIncident(context, db, actor, { budget, above });
      if (!incident) return undefined;
      await appendActivity(db, {
        actor: actorName(actor),
        kind: "incident-claimed",
        incidentId: incident.id,
        streamId: incident.stream_id,
        details: { slot },
      });
      return grantLease(context, db, incident, { userId: actor.id, slot });
    };

    let standby = held.find(({ slot }) => slot === "standby");
    let current = held.find(({ slot }) => slot === "current");
    if (!current && standby) {
      current = await show(context, db, standby);
      standby = undefined;
    }
    current ??= await claim("current");
    if (standby) {
      const { priority } = await priorityOfLease(db, standby);
      const urgent = await nextIncident(context, db, actor, { budget, above: priority + swapPoints });
      if (urgent) {
        await giveBack(context, db, standby, "swapped");
        standby = undefined;
      }
    }
    standby ??= await claim("standby");
    return { leases: { current, standby }, budget };
  });

  return {
    current: await holdOf(context, actor, leases.current),
    standby: await holdOf(context, actor, leases.standby),
    waiting: await readWaiting(context),
    budget,
    serverTime: new Date(context.now()).toISOString(),
  };
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

function priorityOfLease(db: Db, lease: LeaseRow): Promise<{ priority: number }> {
  return db.selectFrom("incidents").select("priority").where("id", "=", lease.incident_id).executeTakeFirstOrThrow();
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
