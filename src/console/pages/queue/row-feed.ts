/**
 * Keeps the rows of the Queue fed: reads the list page by page, then follows the live updates, gathered once a second.
 * When updates were missed the list is read again, and what changed is written in without moving a row.
 */
import { type ReadonlySignal, signal } from "@preact/signals";
import type { ReviewEvent } from "../../../review/contract/events.ts";
import type { IncidentPage, IncidentSummary } from "../../../review/contract/incident.ts";
import {
  broughtUpToDate,
  type Matching,
  noRows,
  type RowOrder,
  type Rows,
  withChanges,
  withListing,
  withPage,
} from "./row-store.ts";

export interface RowSource {
  list: (cursor: string | undefined, signal: AbortSignal) => Promise<IncidentPage>;
  /** Calls back with every live event; returns the way to stop. */
  listen: (listener: (event: ReviewEvent) => void) => () => void;
  matches: Matching;
  compare: RowOrder;
}

export type FeedState = { state: "loading" } | { state: "failed"; error: unknown } | { state: "listed" };

export interface RowFeed {
  rows: ReadonlySignal<Rows>;
  state: ReadonlySignal<FeedState>;
  showNew: () => void;
  reload: () => void;
  stop: () => void;
}

/** More rows than this are counted, not listed: nobody scrolls further, and filters narrow. */
export const mostRows = 5_000;
const gatherMs = 1_000;

export function startRowFeed(source: RowSource): RowFeed {
  const rows = signal<Rows>(noRows);
  const state = signal<FeedState>({ state: "loading" });
  let changes: IncidentSummary[] = [];
  let reading = new AbortController();

  const readAll = async (take: (page: IncidentPage, soFar: IncidentSummary[]) => void) => {
    reading.abort();
    reading = new AbortController();
    const { signal: stopped } = reading;
    const soFar: IncidentSummary[] = [];
    let cursor: string | undefined;
    try {
      do {
        const page = await source.list(cursor, stopped);
        if (stopped.aborted) return;
        soFar.push(...page.items);
        take(page, soFar);
        cursor = page.next ?? undefined;
      } while (cursor !== undefined && soFar.length < mostRows);
    } catch (error) {
      if (!stopped.aborted && rows.peek().order.length === 0) state.value = { state: "failed", error };
    }
  };
  const reload = () => {
    rows.value = noRows;
    state.value = { state: "loading" };
    void readAll((page) => {
      rows.value = withPage(rows.peek(), page.items, page.total);
      state.value = { state: "listed" };
    });
  };
  const catchUp = () => {
    void readAll((page, soFar) => {
      const last = page.next === null || soFar.length >= mostRows;
      if (last) rows.value = withListing(rows.peek(), soFar, page.next === null, source.matches);
    });
  };
  const gather = () => {
    if (changes.length > 0) rows.value = withChanges(rows.peek(), changes, source.matches);
    changes = [];
  };
  const stopListening = source.listen((event) => {
    if (event.type === "incident") changes.push(event.incident);
    else if (event.type === "reset" && state.peek().state === "listed") catchUp();
  });
  const timer = setInterval(gather, gatherMs);
  reload();
  return {
    rows,
    state,
    reload,
    showNew: () => {
      rows.value = broughtUpToDate(rows.peek(), source.compare);
    },
    stop: () => {
      reading.abort();
      clearInterval(timer);
      stopListening();
    },
  };
}
