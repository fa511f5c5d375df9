import type { PersonActor } from "../access/actor.ts";
import { mayActAs } from "../access/roles.ts";
import { actorName, appendActivity } from "../activity/append.ts";
import type { Hold } from "../contract/hold.ts";
import type { Person } from "../contract/incident.ts";
import type { Db } from "../database/connection.ts";
import type { IncidentRow, LeaseRow } from "../database/schema.ts";
import { inTransaction } from "../database/transaction.ts";
import { holdOf } from "../holds/claim-next.ts";
import { holderOf, lockPerson } from "../holds/lease.ts";
import { takeFor } from "../holds/take.ts";
import { changedNow, lockIncident, moveIncident } from "../incidents/move-incident.ts";
import type { ReviewContext } from "../review-context.ts";
import { ReviewError } from "../review-error.ts";
import { countForStreamer } from "./streamer-record.ts";

/**
 * Takes a decision back before it has left, and gives its incident to whoever undoes it. A repeat finds it undone and
 * says the same again, or who holds the incident by then.
 * @returns hold null: the incident waits, or `holder` has it
 * @throws ReviewError `too-late-to-undo`, `not-found`, `forbidden` (another person's; leads may)
 */
export async function undoDecision(
  context: ReviewContext,
  actor: PersonActor,
  decisionId: string,
): Promise<{ hold: Hold | null; holder: Person | null }> {
  const { lease, holder } = await inTransaction(context.db, async (db) => {
    await lockPerson(db, actor);
    const found = await findDecision(db, decisionId);
    const incident = await lockIncident(db, found.incident_id);
    const decision = await findDecision(db, decisionId); // As it is now that nobody else changes it.
    if (decision.user_id !== actor.id && !mayActAs(actor.role, "lead")) {
      throw new ReviewError("forbidden", "this decision is another person's: only they or a lead undo it");
    }
    if (decision.undone_at) {
      const present = await holderOf(db, incident.id);
      return present?.user_id === actor.id ? { lease: present, holder: null } : { holder: present?.holder ?? null };
    }
    await retract(context, db, actor, incident, decisionId);
    return { lease: await takeBack(context, db, actor, incident.id), holder: null };
  });
  return { hold: await holdOf(context, actor, lease), holder };
}

/** Who has lost the right to it since then leaves it to others. */
async function takeBack(
  context: ReviewContext,
  db: Db,
  actor: PersonActor,
  incidentId: number,
): Promise<LeaseRow | undefined> {
  try {
    return await takeFor(context, db, actor, incidentId, { takeOver: false });
  } catch (error) {
    if (error instanceof ReviewError && error.code === "forbidden") return undefined;
    throw error;
  }
}

async function findDecision(db: Db, id: string) {
  const decision = await db
    .selectFrom("decisions")
    .select(["incident_id", "user_id", "undone_at"])
    .where("id", "=", id)
    .executeTakeFirst();
  if (!decision) throw new ReviewError("not-found", "there is no such decision");
  return decision;
}

/**
 * Cancels the message of a decision that has not left, and lets its incident wait again.
 * @param incident locked by the caller
 */
export async function retract(
  context: ReviewContext,
  db: Db,
  actor: PersonActor,
  incident: IncidentRow,
  decisionId: string,
): Promise<void> {
  // The outbox locks the row while it publishes: whoever comes second sees what the first has done.
  const message = await db
    .selectFrom("outbox")
    .select(["id", "sent_at", "send_at", "payload"])
    .where("decision_id", "=", decisionId)
    .forUpdate()
    .executeTakeFirstOrThrow();
  if (message.sent_at || message.send_at.getTime() <= context.now()) {
    throw new ReviewError("too-late-to-undo", "the decision has left for the platform: a lead can reopen the incident");
  }
  const now = new Date(context.now());
  await db.updateTable("outbox").set({ cancelled_at: now }).where("id", "=", message.id).execute();
  const { outcome } = await db
    .updateTable("decisions")
    .set({ undone_at: now, changed_at: changedNow })
    .where("id", "=", decisionId)
    .returning("outcome")
    .executeTakeFirstOrThrow();
  await moveIncident(db, incident, "undo");
  await db.updateTable("incidents").set({ closed_at: null }).where("id", "=", incident.id).execute();
  await countForStreamer(db, message.payload.streamerId, outcome, -1);
  await appendActivity(db, {
    actor: actorName(actor),
    kind: "decision-undone",
    incidentId: incident.id,
    streamId: incident.stream_id,
    details: { decisionId },
  });
}
