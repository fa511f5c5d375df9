/**
 * A lease is one person's hold on one incident; its token fences: whoever lost the hold cannot act on it any more,
 * however late the request arrives. At most one lease of an incident is live, which a unique index proves.
 *
 * Order of locks, everywhere: the person's row, then the incident's, then the lease's.
 */
import { type PersonActor, personOf } from "../access/actor.ts";
import { appendActivity } from "../activity/append.ts";
import type { ActivityKind } from "../contract/activity.ts";
import type { LeaseEnd, Slot } from "../contract/hold.ts";
import type { Person } from "../contract/incident.ts";
import type { Db } from "../database/connection.ts";
import type { IncidentRow, LeaseRow } from "../database/schema.ts";
import { lockIncident, moveIncident } from "../incidents/move-incident.ts";
import type { ReviewContext } from "../review-context.ts";
import { ReviewError } from "../review-error.ts";

/** One thing at a time for each person: two tabs cannot both fill the same slot. */
export async function lockPerson(db: Db, actor: PersonActor): Promise<void> {
  await db.selectFrom("users").select("id").where("id", "=", actor.id).forNoKeyUpdate().executeTakeFirstOrThrow();
}

/** Gives a locked incident, which nobody has a live lease of, to a person. */
export async function grantLease(
  context: ReviewContext,
  db: Db,
  incident: IncidentRow,
  to: { userId: string; slot: Slot; by?: "claim" | "take-over" },
): Promise<LeaseRow> {
  await moveIncident(db, incident, to.by ?? "claim");
  const now = new Date(context.now());
  return db
    .insertInto("leases")
    .values({
      incident_id: incident.id,
      user_id: to.userId,
      slot: to.slot,
      granted_at: now,
      shown_at: to.slot === "current" ? now : null,
      expires_at: new Date(context.now() + context.timing.leaseMs),
      ended_at: null,
      ended_by: null,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Marks a lease as ended; what becomes of its incident is the caller's to say. */
export async function endLease(context: ReviewContext, db: Db, token: number, endedBy: LeaseEnd): Promise<boolean> {
  const now = new Date(context.now());
  const ended = await db
    .updateTable("leases")
    .set({ ended_at: now, ended_by: endedBy })
    .where("token", "=", token)
    .where("ended_at", "is", null)
    // It may have been renewed since it was found expired.
    .$if(endedBy === "expired", (query) => query.where("expires_at", "<=", now))
    .executeTakeFirst();
  return ended.numUpdatedRows > 0n;
}

const givenBack = {
  released: "incident-released",
  expired: "hold-expired",
  swapped: "hold-swapped",
} as const satisfies Partial<Record<LeaseEnd, ActivityKind>>;

/** Ends a lease and lets its incident wait again. Nothing happens if it has ended meanwhile. */
export async function giveBack(
  context: ReviewContext,
  db: Db,
  lease: Pick<LeaseRow, "token" | "incident_id" | "user_id">,
  endedBy: keyof typeof givenBack,
): Promise<void> {
  const incident = await lockIncident(db, lease.incident_id);
  if (!(await endLease(context, db, lease.token, endedBy))) return;
  await moveIncident(db, incident, "release");
  await appendActivity(db, {
    actor: endedBy === "released" ? `user:${lease.user_id}` : "system",
    kind: givenBack[endedBy],
    incidentId: incident.id,
    streamId: incident.stream_id,
    details: endedBy === "released" ? {} : { holder: lease.user_id },
  });
}

export type PresentLease = LeaseRow & { holder: Person };

/** The live lease of an incident and who has it; one past its time counts until it is ended. */
export async function holderOf(db: Db, incidentId: number): Promise<PresentLease | undefined> {
  const row = await db
    .selectFrom("leases as l")
    .innerJoin("users as u", "u.id", "l.user_id")
    .selectAll("l")
    .select("u.name")
    .where("l.incident_id", "=", incidentId)
    .where("l.ended_at", "is", null)
    .executeTakeFirst();
  return row && { ...row, holder: personOf({ id: row.user_id, name: row.name }) };
}

/**
 * The incident, locked, that the actor holds by this token.
 * @throws ReviewError `not-found`, or `stale-hold` that names who has the incident now
 */
export async function requireHold(
  context: ReviewContext,
  db: Db,
  actor: PersonActor,
  held: { incidentId: number; token: number },
): Promise<{ incident: IncidentRow; lease: LeaseRow }> {
  const incident = await lockIncident(db, held.incidentId);
  const lease = await db
    .selectFrom("leases")
    .selectAll()
    .where("token", "=", held.token)
    .forUpdate()
    .executeTakeFirst();
  const own = lease?.incident_id === incident.id && lease.user_id === actor.id;
  if (lease && own && lease.ended_at === null && lease.expires_at.getTime() > context.now()) return { incident, lease };
  const present = await holderOf(db, incident.id);
  const holder = present && present.token !== held.token && present.user_id !== actor.id ? present.holder : null;
  throw new ReviewError("stale-hold", describeLoss(incident, own ? lease : undefined, holder), holder);
}

function describeLoss(incident: IncidentRow, lease: LeaseRow | undefined, holder: Person | null): string {
  if (!lease) return `this hold is not on incident ${incident.id}, or not yours: claim it first`;
  const ended = (lease.ended_at ?? lease.expires_at).toISOString();
  const why = `your hold of incident ${incident.id} ended at ${ended} (${lease.ended_by ?? "expired"})`;
  if (holder) return `${why}; ${holder.name} has it now`;
  return incident.state === "closed" ? `${why}; the incident is closed` : `${why}; take it again if it is free`;
}
