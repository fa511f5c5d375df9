import type { PersonActor } from "../access/actor.ts";
import { mayActAs } from "../access/roles.ts";
import { actorName, appendActivity } from "../activity/append.ts";
import type { Hold } from "../contract/hold.ts";
import type { Db } from "../database/connection.ts";
import type { IncidentRow, LeaseRow } from "../database/schema.ts";
import { inTransaction } from "../database/transaction.ts";
import { isRestricted, mayOpenRestricted } from "../evidence/restriction.ts";
import { lockIncident } from "../incidents/move-incident.ts";
import type { ReviewContext } from "../review-context.ts";
import { ReviewError } from "../review-error.ts";
import { holdOf, liveLeases } from "./claim-next.ts";
import { endLease, giveBack, grantLease, holderOf, lockPerson, type PresentLease } from "./lease.ts";

/**
 * Puts one chosen incident on a person's screen. What they had there becomes their standby, and a standby goes back.
 * @throws ReviewError `held-by-another` (leads may take over), `forbidden` (escalated or restricted), `conflict` (closed)
 */
export async function takeIncident(
  context: ReviewContext,
  actor: PersonActor,
  incidentId: number,
  { takeOver }: { takeOver: boolean },
): Promise<Hold> {
  const lease = await inTransaction(context.db, async (db) => {
    await lockPerson(db, actor);
    return takeFor(context, db, actor, incidentId, { takeOver });
  });
  const hold = await holdOf(context, actor, lease);
  if (!hold) throw new ReviewError("not-found", `there is no incident ${incidentId}`);
  return hold;
}

/** The same within a transaction that has locked the person. */
export async function takeFor(
  context: ReviewContext,
  db: Db,
  actor: PersonActor,
  incidentId: number,
  { takeOver }: { takeOver: boolean },
): Promise<LeaseRow> {
  const lead = mayActAs(actor.role, "lead");
  const incident = await lockIncident(db, incidentId);
  if (incident.escalated_at !== null && !lead) {
    throw new ReviewError("forbidden", `incident ${incidentId} is escalated: only leads take it`);
  }
  if ((await isRestricted(db, context.policy(), incidentId)) && !mayOpenRestricted(actor)) {
    throw new ReviewError(
      "forbidden",
      `incident ${incidentId} is restricted by law: only leads with the grant take it`,
    );
  }
  const held = await holderOf(db, incidentId);
  if (held && held.user_id === actor.id && held.slot === "current" && held.expires_at.getTime() > context.now()) {
    return held;
  }
  const by = held ? await endTheirs(context, db, actor, incident, { held, takeOver }) : "claim";
  await makeRoom(context, db, actor);
  const free = await lockIncident(db, incidentId);
  if (free.state === "closed") throw new ReviewError("conflict", `incident ${incidentId} is closed: reopen it first`);
  await appendActivity(db, {
    actor: actorName(actor),
    kind: "incident-claimed",
    incidentId,
    streamId: incident.stream_id,
    details: { slot: "current" },
  });
  return grantLease(context, db, free, { userId: actor.id, slot: "current", by });
}

/** Ends the lease that stands in the way. @returns by what event the incident may be given to the actor then */
async function endTheirs(
  context: ReviewContext,
  db: Db,
  actor: PersonActor,
  incident: IncidentRow,
  { held, takeOver }: { held: PresentLease; takeOver: boolean },
): Promise<"claim" | "take-over"> {
  const own = held.user_id === actor.id;
  const expired = held.expires_at.getTime() <= context.now();
  if (own || expired) {
    await giveBack(context, db, held, expired ? "expired" : "released");
    return "claim";
  }
  if (!takeOver || !mayActAs(actor.role, "lead")) {
    throw new ReviewError("held-by-another", `${held.holder.name} has incident ${incident.id}`, held.holder);
  }
  await endLease(context, db, held.token, "taken-over");
  await appendActivity(db, {
    actor: actorName(actor),
    kind: "incident-taken-over",
    incidentId: incident.id,
    streamId: incident.stream_id,
    details: { from: held.user_id },
  });
  return "take-over";
}

/** The present incident steps back into the standby's place. */
async function makeRoom(context: ReviewContext, db: Db, actor: PersonActor): Promise<void> {
  const held = await liveLeases(context, db, actor);
  const current = held.find(({ slot }) => slot === "current");
  if (!current) return;
  const standby = held.find(({ slot }) => slot === "standby");
  if (standby) await giveBack(context, db, standby, "released");
  await db.updateTable("leases").set({ slot: "standby" }).where("token", "=", current.token).execute();
}
