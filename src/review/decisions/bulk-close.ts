import type { z } from "zod";
import type { PersonActor } from "../access/actor.ts";
import type { BulkCloseAnswer, BulkCloseRequest } from "../contract/decision.ts";
import type { Db } from "../database/connection.ts";
import type { IncidentRow } from "../database/schema.ts";
import { inTransaction } from "../database/transaction.ts";
import { lockPerson } from "../holds/lease.ts";
import { moveIncident } from "../incidents/move-incident.ts";
import type { ReviewContext } from "../review-context.ts";
import { ReviewError } from "../review-error.ts";
import { closeIncident } from "./close-incident.ts";
import { type Judgement, judge } from "./judgement.ts";

/** So many must have been looked at, or all if there are fewer. */
const leastLooks = 10;
const perTransaction = 50;

type Request = z.infer<typeof BulkCloseRequest>;
type Answer = z.infer<typeof BulkCloseAnswer>;

/**
 * Closes many incidents alike: for floods of the same mistake. Each is refused by itself that somebody holds, that is
 * closed, or that has flagged frames the list did not show.
 * @throws ReviewError `invalid` for a count that is not the number of incidents, or too few looks
 */
export async function bulkClose(context: ReviewContext, actor: PersonActor, request: Request): Promise<Answer> {
  const { incidents } = request;
  const ids = new Set(incidents.map(({ id }) => id));
  if (ids.size !== incidents.length) throw new ReviewError("invalid", "an incident is named twice");
  if (request.count !== incidents.length) {
    throw new ReviewError(
      "invalid",
      `the typed count is ${request.count}, but ${incidents.length} incidents are selected`,
    );
  }
  const looked = new Set(request.lookedAt.filter((id) => ids.has(id))).size;
  const needed = Math.min(leastLooks, incidents.length);
  if (looked < needed) throw new ReviewError("invalid", `look at ${needed} of the incidents first; it were ${looked}`);

  const answer: Answer = { closed: [], refused: [] };
  for (let from = 0; from < incidents.length; from += perTransaction) {
    const chunk = incidents.slice(from, from + perTransaction).toSorted((a, b) => a.id - b.id);
    const part = await inTransaction(context.db, (db) => closeAll(context, db, actor, chunk, request));
    answer.closed.push(...part.closed);
    answer.refused.push(...part.refused);
  }
  return answer;
}

async function closeAll(
  context: ReviewContext,
  db: Db,
  actor: PersonActor,
  chunk: Request["incidents"],
  request: Request,
): Promise<Answer> {
  await lockPerson(db, actor);
  const judgement = await judgeAll({ ...context, db }, actor, chunk, request);
  const answer: Answer = { closed: [], refused: [] };
  for (const each of chunk) {
    const why = await closeOne(context, db, actor, { ...each, judgement, note: request.note });
    if (why === undefined) answer.closed.push(each.id);
    else answer.refused.push({ id: each.id, why });
  }
  return answer;
}

async function judgeAll(
  context: ReviewContext,
  actor: PersonActor,
  chunk: Request["incidents"],
  request: Request,
): Promise<Judgement> {
  const rows = await context.db
    .selectFrom("incidents")
    .select("category")
    .where(
      "id",
      "in",
      chunk.map(({ id }) => id),
    )
    .execute();
  return judge(context, actor, rows, request);
}

/** @returns why not, or undefined if it is closed */
async function closeOne(
  context: ReviewContext,
  db: Db,
  actor: PersonActor,
  { id, seenThrough, judgement, note }: { id: number; seenThrough: number; judgement: Judgement; note: string },
): Promise<string | undefined> {
  const incident = await db.selectFrom("incidents").selectAll().where("id", "=", id).forUpdate().executeTakeFirst();
  if (!incident) return "there is no such incident";
  if (incident.state === "assigned") return "somebody holds it";
  if (incident.state === "closed") return "it is closed";
  const unseen = await db
    .selectFrom("frames")
    .select("number")
    .where("incident_id", "=", id)
    .where("number", ">", seenThrough)
    .where("kind", "in", ["flagged", "sampled"])
    .limit(1)
    .executeTakeFirst();
  if (unseen) return "frames have come that were not on the list";
  const { assigned, token } = await momentaryLease(context, db, actor, incident);
  await closeIncident(context, db, actor, assigned, {
    judgement,
    token,
    seenThrough: Math.min(seenThrough, incident.frame_count),
    note,
    withoutPicture: false,
    bulk: true,
    handlingMs: null,
  });
  return undefined;
}

/** Each decision has a lease of its own; this one begins and ends at once, beside what the person has on the screen. */
async function momentaryLease(
  context: ReviewContext,
  db: Db,
  actor: PersonActor,
  incident: IncidentRow,
): Promise<{ assigned: IncidentRow; token: number }> {
  const assigned = await moveIncident(db, incident, "claim");
  const now = new Date(context.now());
  const { token } = await db
    .insertInto("leases")
    .values({
      incident_id: incident.id,
      user_id: actor.id,
      slot: "current",
      granted_at: now,
      shown_at: null,
      expires_at: now,
      ended_at: now,
      ended_by: "decided",
    })
    .returning("token")
    .executeTakeFirstOrThrow();
  return { assigned, token };
}
