import type { PersonActor } from "../access/actor.ts";
import { actorName, appendActivity } from "../activity/append.ts";
import type { DecisionMessage } from "../contract/decision.ts";
import type { Db } from "../database/connection.ts";
import type { IncidentRow } from "../database/schema.ts";
import { changedNow, moveIncident } from "../incidents/move-incident.ts";
import type { ReviewContext } from "../review-context.ts";
import { ReviewError } from "../review-error.ts";
import type { Judgement } from "./judgement.ts";
import { linkUnseen } from "./link-unseen.ts";
import { countForStreamer } from "./streamer-record.ts";

export interface Closing {
  judgement: Judgement;
  token: number;
  seenThrough: number;
  note: string;
  withoutPicture: boolean;
  bulk: boolean;
  handlingMs: number | null;
}

/**
 * Closes a locked incident that the actor held until now (the caller has ended the lease): the decision, its message
 * in the outbox, the streamer's record and the log, all in the caller's transaction.
 * @returns the decision's id
 * @throws ReviewError `invalid` for frames that have not come yet, and where none that is to be judged was seen
 */
export async function closeIncident(
  context: ReviewContext,
  db: Db,
  actor: PersonActor,
  incident: IncidentRow,
  closing: Closing,
): Promise<string> {
  const { judgement, seenThrough, token, note } = closing;
  await checkSeen(db, incident, seenThrough);
  await moveIncident(db, incident, "decide");
  await linkUnseen(context, db, incident, seenThrough);
  const now = new Date(context.now());
  await db
    .updateTable("incidents")
    .set({ joinable: false, closed_at: now, assigned_to: null, assigned_until: null, changed_at: changedNow })
    .where("id", "=", incident.id)
    .execute();
  const stream = await db
    .selectFrom("streams")
    .select(["live", "streamer_id"])
    .where("stream_id", "=", incident.stream_id)
    .executeTakeFirst();

  const sendAt = new Date(context.now() + (await undoMsOf(context, db, actor, judgement, stream?.live === true)));
  const { id: decisionId } = await db
    .insertInto("decisions")
    .values({
      incident_id: incident.id,
      lease_token: token,
      user_id: actor.id,
      outcome: judgement.outcome,
      category: judgement.category,
      action: judgement.action?.id ?? null,
      note,
      seen_through: seenThrough,
      without_picture: closing.withoutPicture,
      bulk: closing.bulk,
      handling_ms: closing.handlingMs,
      decided_at: now,
      send_at: sendAt,
      undone_at: null,
      superseded_at: null,
    })
    .returning("id")
    .executeTakeFirstOrThrow();
  const message = await messageOf(db, actor, incident, { ...closing, decisionId, now, streamer: stream?.streamer_id });
  await db
    .insertInto("outbox")
    .values({
      decision_id: decisionId,
      stream_id: incident.stream_id,
      payload: JSON.stringify(message),
      send_at: sendAt,
      sent_at: null,
      cancelled_at: null,
    })
    .execute();
  await countForStreamer(db, message.streamerId, judgement.outcome, 1);
  await appendActivity(db, {
    actor: actorName(actor),
    kind: "incident-decided",
    incidentId: incident.id,
    streamId: incident.stream_id,
    details: {
      decisionId,
      outcome: judgement.outcome,
      category: judgement.category,
      action: judgement.action?.id ?? null,
      seenThrough,
      bulk: closing.bulk,
      note,
    },
  });
  return decisionId;
}

async function checkSeen(db: Db, incident: IncidentRow, seenThrough: number): Promise<void> {
  const { id, frame_count } = incident;
  if (seenThrough > frame_count) {
    throw new ReviewError("invalid", `seenThrough is ${seenThrough}, but incident ${id} has ${frame_count} frames`);
  }
  const seen = await db
    .selectFrom("frames")
    .select("number")
    .where("incident_id", "=", id)
    .where("number", "<=", seenThrough)
    .where("kind", "in", ["flagged", "sampled"])
    .limit(1)
    .executeTakeFirst();
  if (!seen) {
    throw new ReviewError("invalid", `seenThrough is ${seenThrough}: no frame up to there is to be judged`);
  }
}

/** A severe action on a live stream has taken two keys already and must not wait: it leaves sooner. */
async function undoMsOf(
  context: ReviewContext,
  db: Db,
  actor: PersonActor,
  { action }: Judgement,
  live: boolean,
): Promise<number> {
  if (action?.severe && live) return context.timing.severeUndoMs;
  const { preferences } = await db
    .selectFrom("users")
    .select("preferences")
    .where("id", "=", actor.id)
    .executeTakeFirstOrThrow();
  return Math.max(context.timing.undoMs, preferences.undoMs ?? 0);
}

async function messageOf(
  db: Db,
  actor: PersonActor,
  incident: IncidentRow,
  facts: Closing & { decisionId: string; now: Date; streamer?: string | null },
): Promise<DecisionMessage> {
  const captures = await db
    .selectFrom("frames")
    .select("capture_id")
    .where("incident_id", "=", incident.id)
    .where("number", "<=", facts.seenThrough)
    .where("kind", "in", ["flagged", "sampled"])
    .orderBy("number")
    .execute();
  const replaced = await db
    .selectFrom("decisions")
    .select("id")
    .where("incident_id", "=", incident.id)
    .where("superseded_at", "is not", null)
    .orderBy("decided_at", "desc")
    .limit(1)
    .executeTakeFirst();
  return {
    schemaVersion: 1,
    decisionId: facts.decisionId,
    incidentId: incident.id,
    streamId: incident.stream_id,
    streamerId: facts.streamer ?? null,
    category: incident.category,
    severity: incident.severity,
    outcome: facts.judgement.outcome,
    decidedCategory: facts.judgement.category,
    action: facts.judgement.action?.id ?? null,
    note: facts.note,
    captureIds: captures.map(({ capture_id }) => capture_id),
    seenThrough: facts.seenThrough,
    policyVersion: incident.policy_version,
    decidedBy: actor.id,
    decidedAt: facts.now.toISOString(),
    supersedes: replaced?.id ?? null,
  };
}
