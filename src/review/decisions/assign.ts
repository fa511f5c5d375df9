import type { PersonActor } from "../access/actor.ts";
import { mayActAs } from "../access/roles.ts";
import { actorName, appendActivity } from "../activity/append.ts";
import { inTransaction } from "../database/transaction.ts";
import { changedNow } from "../incidents/move-incident.ts";
import type { ReviewContext } from "../review-context.ts";
import { ReviewError } from "../review-error.ts";

/** Others are not offered an assigned incident for so long. */
const reservedMs = 1_800_000;

export interface Assigned {
  assigned: number[];
  refused: { id: number; why: string }[];
}

/**
 * Keeps waiting incidents for one person for half an hour, who is offered them first.
 * @throws ReviewError `invalid` if that person cannot decide
 */
export async function assignIncidents(
  context: ReviewContext,
  actor: PersonActor,
  { incidents, userId }: { incidents: readonly number[]; userId: string },
): Promise<Assigned> {
  return inTransaction(context.db, async (db) => {
    const user = await db
      .selectFrom("users")
      .select(["role", "name", "disabled_at"])
      .where("id", "=", userId)
      .executeTakeFirst();
    if (!user || user.disabled_at || !mayActAs(user.role, "moderator")) {
      throw new ReviewError("invalid", "incidents are assigned to moderators and leads that may sign in");
    }
    const rows = await db
      .selectFrom("incidents")
      .select(["id", "state", "stream_id"])
      .where("id", "in", incidents)
      .orderBy("id")
      .forUpdate()
      .execute();
    const lead = mayActAs(user.role, "lead");
    const free = rows.filter(({ state }) => state === "open" || (state === "escalated" && lead));
    const assigned = free.map(({ id }) => id);
    if (assigned.length > 0) {
      await db
        .updateTable("incidents")
        .set({
          assigned_to: userId,
          assigned_until: new Date(context.now() + reservedMs),
          changed_at: changedNow,
        })
        .where("id", "in", assigned)
        .execute();
    }
    await appendActivity(
      db,
      free.map((incident) => ({
        actor: actorName(actor),
        kind: "incident-assigned" as const,
        incidentId: incident.id,
        streamId: incident.stream_id,
        details: { to: userId },
      })),
    );
    const refused = incidents
      .filter((id) => !assigned.includes(id))
      .map((id) => ({ id, why: rows.find((row) => row.id === id)?.state ?? "unknown" }));
    return { assigned, refused };
  });
}
