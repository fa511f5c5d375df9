/** Rows gathered by what they have in common, for floods. */
import type { IncidentSummary } from "../../../review/contract/incident.ts";
import { type Grouping, type QueueFilters, type Severity, severities } from "./filters.ts";

export interface RowGroup {
  key: string;
  ids: number[];
  /** Of the whole list, from 0 to 1. */
  share: number;
  worst: Severity;
  oldestOpenedAt: string;
  /** The group's categories, most frequent first. */
  categories: string[];
}

/** The groups of the rows given, the largest first. */
export function groupRows(rows: readonly IncidentSummary[], by: Grouping): RowGroup[] {
  const groups = Map.groupBy(rows, (row) => keyOf(row, by));
  return [...groups]
    .map(([key, members]) => ({
      key,
      ids: members.map(({ id }) => id),
      share: members.length / rows.length,
      worst: severities.find((severity) => members.some((row) => row.severity === severity)) ?? "low",
      oldestOpenedAt: members.map(({ openedAt }) => openedAt).toSorted()[0] ?? "",
      categories: byFrequency(members.map(({ category }) => category)),
    }))
    .toSorted((a, b) => b.ids.length - a.ids.length || a.key.localeCompare(b.key));
}

/** The filters that show one group alone. */
export function narrowedTo(filters: QueueFilters, by: Grouping, key: string): QueueFilters {
  if (by === "stream") return { ...filters, search: key };
  return by === "category" ? { ...filters, category: [key] } : { ...filters, policyVersion: key };
}

function keyOf(row: IncidentSummary, by: Grouping): string {
  return by === "stream" ? row.stream.streamId : row[by];
}

function byFrequency(values: string[]): string[] {
  return [...Map.groupBy(values, (value) => value)]
    .toSorted(([, a], [, b]) => b.length - a.length)
    .map(([value]) => value);
}
