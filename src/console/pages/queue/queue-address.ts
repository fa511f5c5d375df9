/** All that the Queue's address says: filters, order, grouping. */
import { formatFilters, type Grouping, parseFilters, parseGrouping, type QueueFilters } from "./filters.ts";
import { parseSort, type Sort } from "./row-order.ts";

export interface QueueAddress {
  filters: QueueFilters;
  sort: Sort;
  group: Grouping | null;
}

export function parseQueueAddress(query: string): QueueAddress {
  return { filters: parseFilters(query), sort: parseSort(query), group: parseGrouping(query) };
}

/** "?severity=severe&sort=waiting"; empty where nothing differs from the usual. */
export function queueAddress({ filters, sort, group }: QueueAddress): string {
  const params = new URLSearchParams(formatFilters(filters));
  if (sort !== "priority") params.set("sort", sort);
  if (group !== null) params.set("group", group);
  const query = params.toString();
  return query === "" ? "" : `?${query}`;
}
