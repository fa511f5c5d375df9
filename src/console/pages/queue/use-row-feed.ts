import { useEffect, useMemo, useState } from "preact/hooks";
import { onReviewEvent } from "../../api/event-stream.ts";
import { listIncidents } from "../../api/review-api.ts";
import { matches, type QueueFilters, requestOf } from "./filters.ts";
import { type RowFeed, startRowFeed } from "./row-feed.ts";
import { orders, type Sort } from "./row-order.ts";

const pageRows = 200;

/** The feed of the rows that pass the filters; another one when they or the order change. null before the first paint. */
export function useRowFeed(filters: QueueFilters, sort: Sort): RowFeed | null {
  const [feed, setFeed] = useState<RowFeed | null>(null);
  const source = useMemo(
    () => ({
      list: (cursor: string | undefined, signal: AbortSignal) =>
        listIncidents(requestOf(filters), { cursor, limit: pageRows, sort }, signal),
      listen: onReviewEvent,
      matches: (incident: Parameters<typeof matches>[1], found: boolean) => matches(filters, incident, found),
      compare: orders[sort],
    }),
    [filters, sort],
  );
  useEffect(() => {
    const started = startRowFeed(source);
    setFeed(started);
    return () => started.stop();
  }, [source]);
  return feed;
}
