import type { PersonActor } from "../access/actor.ts";
import type { DecisionView } from "../contract/incident.ts";
import type { ReviewContext } from "../review-context.ts";
import { decisionView, selectDecisions } from "./decision-view.ts";

/** A person's own decisions, newest first, undone ones too. */
export async function recentDecisions(
  context: ReviewContext,
  actor: PersonActor,
  limit: number,
): Promise<DecisionView[]> {
  const rows = await selectDecisions(context.db)
    .where("d.user_id", "=", actor.id)
    .orderBy("d.decided_at", "desc")
    .limit(limit)
    .execute();
  return rows.map(decisionView);
}
