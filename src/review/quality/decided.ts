import { sql } from "kysely";

/** Which decisions figures are made of. `from` and `to` bound the moment of the decision. */
export interface DecidedIn {
  from: Date;
  to: Date;
  policyVersion?: string;
  model?: string;
}

/**
 * Decisions as a table: one row per incident, of its first decision or of the one that stands (`last`; none while
 * it is reopened), with what the pipeline said of the incident. Undone ones do not count. Those made for many incidents at once, and those made without a picture, say nothing
 * of a single one: `by_eye` is false for them.
 */
export function decided(which: "first" | "last", { from, to, policyVersion, model }: DecidedIn) {
  const chosen =
    which === "last"
      ? sql`d.superseded_at is null`
      : sql`not exists (
          select from decisions o
          where o.incident_id = d.incident_id and o.undone_at is null
            and (o.decided_at, o.id) < (d.decided_at, d.id))`;
  return sql`(
    select i.id, i.kind, i.severity, i.category, i.model, i.model_version, i.policy_version, i.target_at,
      d.outcome, d.category as decided_category, d.decided_at, d.lease_token,
      d.handling_ms, not d.bulk and not d.without_picture as by_eye
    from decisions d join incidents i on i.id = d.incident_id
    where d.undone_at is null and d.decided_at >= ${from} and d.decided_at < ${to}
      and (${policyVersion ?? null}::text is null or i.policy_version = ${policyVersion ?? null})
      and (${model ?? null}::text is null or i.model = ${model ?? null})
      and ${chosen}
  )`;
}
