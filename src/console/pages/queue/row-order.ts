/** The orders in which the server lists incidents; equal ones by number. */
import type { IncidentSummary } from "../../../review/contract/incident.ts";
import type { RowOrder } from "./row-store.ts";

export const sorts = ["priority", "waiting", "target"] as const;
export type Sort = (typeof sorts)[number];

export const orders: Record<Sort, RowOrder> = {
  priority: (a, b) => b.priority - a.priority || a.id - b.id,
  waiting: byMoment("openedAt"),
  target: byMoment("targetAt"),
};

/** Of an address, `?sort=waiting`; by priority where it says nothing. */
export function parseSort(query: string): Sort {
  const given = new URLSearchParams(query).get("sort");
  return sorts.find((sort) => sort === given) ?? "priority";
}

function byMoment(name: "openedAt" | "targetAt"): RowOrder {
  return (a: IncidentSummary, b: IncidentSummary) => (a[name] === b[name] ? a.id - b.id : a[name] < b[name] ? -1 : 1);
}
