/** What a person makes of an incident, checked against what is configured. */
import type { PersonActor } from "../access/actor.ts";
import { mayActAs } from "../access/roles.ts";
import type { DecisionRequest } from "../contract/decision.ts";
import type { Action } from "../contract/me.ts";
import type { IncidentRow } from "../database/schema.ts";
import type { ReviewContext } from "../review-context.ts";
import { ReviewError } from "../review-error.ts";
import { readSetting } from "../settings/review-settings.ts";

export interface Judgement {
  outcome: "no-violation" | "violation";
  category: string | null;
  action: Action | null;
}

type Asked = Pick<DecisionRequest, "outcome"> & { category?: string; action?: string };

/** @throws ReviewError `invalid` for a category or action that is not configured, `forbidden` for one of a higher role */
export async function judge(
  context: ReviewContext,
  actor: PersonActor,
  incidents: readonly Pick<IncidentRow, "category">[],
  asked: Asked,
): Promise<Judgement> {
  if (asked.outcome === "no-violation") return { outcome: "no-violation", category: null, action: null };
  const { actions } = await readSetting(context, "actions", context.db);
  const action = actions.find(({ id }) => id === asked.action);
  const category = asked.category ?? "";
  // A category that a former policy had stays good for the incidents that it opened.
  const known = category in context.policy().categories || incidents.every((it) => it.category === category);
  if (!known) throw new ReviewError("invalid", `the policy has no category "${category}"`);
  if (!action) {
    const names = actions.map(({ id }) => id).join(", ");
    throw new ReviewError("invalid", `there is no action "${asked.action}"; configured are ${names}`);
  }
  if (!mayActAs(actor.role, action.role)) {
    throw new ReviewError(
      "forbidden",
      `"${action.label}" needs the role ${action.role}: escalate the incident instead`,
    );
  }
  return { outcome: "violation", category, action };
}
