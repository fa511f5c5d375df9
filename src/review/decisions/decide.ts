import type { PersonActor } from "../access/actor.ts";
import type { DecisionRequest } from "../contract/decision.ts";
import type { DecisionView } from "../contract/incident.ts";
import { inTransaction } from "../database/transaction.ts";
import { endLease, lockPerson, requireHold } from "../holds/lease.ts";
import type { ReviewContext } from "../review-context.ts";
import { closeIncident } from "./close-incident.ts";
import { decisionView, selectDecisions } from "./decision-view.ts";
import { judge } from "./judgement.ts";

/**
 * Closes an incident that the actor holds. The decision leaves for the platform after the undo window.
 * @throws ReviewError `stale-hold`, `invalid`, `forbidden`
 */
export async function decide(
  context: ReviewContext,
  actor: PersonActor,
  incidentId: number,
  request: DecisionRequest,
): Promise<DecisionView> {
  return inTransaction(context.db, async (db) => {
    await lockPerson(db, actor);
    const { incident } = await requireHold(context, db, actor, { incidentId, token: request.token });
    const judgement = await judge({ ...context, db }, actor, [incident], request);
    await endLease(context, db, request.token, "decided");
    const id = await closeIncident(context, db, actor, incident, {
      judgement,
      token: request.token,
      seenThrough: request.seenThrough,
      note: request.note,
      withoutPicture: request.withoutPicture,
      bulk: false,
      handlingMs: request.handlingMs ?? null,
    });
    return decisionView(await selectDecisions(db).where("d.id", "=", id).executeTakeFirstOrThrow());
  });
}
