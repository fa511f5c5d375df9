import { afterEach, expect, test, vi } from "vitest";
import { matches, noFilters } from "../../../src/console/pages/queue/filters.ts";
import { type RowFeed, startRowFeed } from "../../../src/console/pages/queue/row-feed.ts";
import { orders } from "../../../src/console/pages/queue/row-order.ts";
import type { ReviewEvent } from "../../../src/review/contract/events.ts";
import type { IncidentPage } from "../../../src/review/contract/incident.ts";
import { incidentRow } from "./incident-rows.ts";

vi.useFakeTimers();
let feed: RowFeed | undefined;
afterEach(() => feed?.stop());

function start(pages: Record<string, IncidentPage | Error>) {
  const listeners = new Set<(event: ReviewEvent) => void>();
  const asked: string[] = [];
  const started = startRowFeed({
    list: async (cursor = "first") => {
      asked.push(cursor);
      const page = pages[cursor];
      if (!page || page instanceof Error) throw page ?? new Error(`no page ${cursor}`);
      return page;
    },
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    matches: (incident, found) => matches(noFilters, incident, found),
    compare: orders.priority,
  });
  feed = started;
  const tell = (event: ReviewEvent) => {
    for (const listener of listeners) listener(event);
  };
  const changed = (id: number, facts: Parameters<typeof incidentRow>[1]) =>
    tell({
      type: "incident",
      incident: incidentRow(id, { changedAt: "2027-01-01T00:00:00.000Z", ...facts }),
      newestFrame: 1,
    });
  return { feed: started, tell, changed, asked, pages, listeners };
}

const page = (ids: number[], next: string | null, total: number): IncidentPage => ({
  items: ids.map((id) => incidentRow(id)),
  next,
  total,
});

test("the list is read page by page, and shown from the first on", async () => {
  const { feed, asked } = start({ first: page([1, 2], "b", 3), b: page([3], null, 3) });
  expect(feed.state.value).toEqual({ state: "loading" });
  await vi.advanceTimersByTimeAsync(1);
  expect(feed.rows.value.order).toEqual([1, 2, 3]);
  expect([feed.state.value.state, asked]).toEqual(["listed", ["first", "b"]]);
});

test("live changes are written once a second, whatever their number", async () => {
  const { feed, changed } = start({ first: page([1], null, 1) });
  await vi.advanceTimersByTimeAsync(1);
  const before = feed.rows.value;
  for (let priority = 0; priority < 50; priority += 1) changed(1, { priority });
  expect(feed.rows.value).toBe(before);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(feed.rows.value.byId.get(1)?.incident.priority).toBe(49);
  const after = feed.rows.value;
  await vi.advanceTimersByTimeAsync(3_000);
  expect(feed.rows.value).toBe(after);
});

test("what is new waits until it is asked for", async () => {
  const { feed, changed } = start({ first: page([1], null, 1) });
  await vi.advanceTimersByTimeAsync(1);
  changed(7, { priority: 99 });
  await vi.advanceTimersByTimeAsync(1_000);
  expect([feed.rows.value.order, feed.rows.value.pending.size]).toEqual([[1], 1]);
  feed.showNew();
  expect(feed.rows.value.order).toEqual([7, 1]);
});

test("after missed updates the list is read again, and no row moves", async () => {
  const { feed, tell, pages } = start({ first: page([1, 2], null, 2) });
  await vi.advanceTimersByTimeAsync(1);
  pages.first = page([9, 2], null, 2);
  tell({ type: "reset" });
  await vi.advanceTimersByTimeAsync(1);
  expect([feed.rows.value.order, [...feed.rows.value.pending.keys()]]).toEqual([[1, 2], [9]]);
  expect(feed.rows.value.byId.get(1)?.gone).toBe(true);
});

test("a list that cannot be read says so, and is read on request", async () => {
  const { feed, pages } = start({ first: new Error("away") });
  await vi.advanceTimersByTimeAsync(1);
  expect(feed.state.value).toMatchObject({ state: "failed", error: { message: "away" } });
  pages.first = page([1], null, 1);
  feed.reload();
  await vi.advanceTimersByTimeAsync(1);
  expect([feed.state.value.state, feed.rows.value.order]).toEqual(["listed", [1]]);
});

test("a stopped feed hears nothing any more", async () => {
  const { feed, listeners } = start({ first: page([1], null, 1) });
  feed.stop();
  await vi.advanceTimersByTimeAsync(2_000);
  expect([listeners.size, feed.rows.value.order]).toEqual([0, []]);
});
