import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { matches, noFilters } from "../../../src/console/pages/queue/filters.ts";
import { orders } from "../../../src/console/pages/queue/row-order.ts";
import {
  broughtUpToDate as broughtUpToDateBy,
  isOutOfOrder as isOutOfOrderBy,
  matchCount,
  noRows,
  type Rows,
  withChanges,
  withListing,
  withPage,
} from "../../../src/console/pages/queue/row-store.ts";
import type { IncidentSummary } from "../../../src/review/contract/incident.ts";
import { incidentRow } from "./incident-rows.ts";

const unclosed = (row: IncidentSummary, found: boolean) => matches(noFilters, row, found);
const at = (second: number) => new Date(Date.UTC(2026, 10, 20, 11, 0, second)).toISOString();
const listed = (...items: IncidentSummary[]) => withPage(noRows, items, items.length);
const broughtUpToDate = (rows: Rows) => broughtUpToDateBy(rows, orders.priority);
const isOutOfOrder = (rows: Rows) => isOutOfOrderBy(rows, orders.priority);
const change = (rows: Rows, ...changes: IncidentSummary[]) => withChanges(rows, changes, unclosed);

const anyChange = fc
  .record({
    id: fc.integer({ min: 1, max: 12 }),
    priority: fc.integer({ min: 0, max: 100 }),
    state: fc.constantFrom("open" as const, "assigned" as const, "closed" as const),
    second: fc.integer({ min: 0, max: 59 }),
  })
  .map(({ id, second, ...facts }) => incidentRow(id, { ...facts, changedAt: at(second) }));

describe("the rows of the Queue", () => {
  test("keep their places whatever changes, until the list is brought up to date", () => {
    const first = listed(...[9, 8, 7, 6, 5].map((id) => incidentRow(id, { priority: id })));
    fc.assert(
      fc.property(fc.array(anyChange, { maxLength: 40 }), (changes) => {
        const rows = change(first, ...changes);
        expect(rows.order).toBe(first.order);
        const latest = broughtUpToDate(rows);
        expect(isOutOfOrder(latest)).toBe(false);
        expect(matchCount(latest)).toBe(matchCount(rows));
        expect(latest.pending.size).toBe(0);
      }),
    );
  });

  test("say the same however the changes are batched", () => {
    const first = listed(incidentRow(1), incidentRow(2));
    fc.assert(
      fc.property(fc.array(anyChange, { maxLength: 30 }), (changes) => {
        const oneByOne = changes.reduce((rows, one) => change(rows, one), first);
        expect(change(first, ...changes)).toEqual(oneByOne);
      }),
    );
  });

  test("take a change into their own row and leave the others' objects alone", () => {
    const first = listed(incidentRow(1), incidentRow(2));
    const rows = change(first, incidentRow(2, { frameCount: 9, changedAt: at(1) }));
    expect(rows.byId.get(2)?.incident.frameCount).toBe(9);
    expect(rows.byId.get(1)).toBe(first.byId.get(1));
  });

  test("pass over a change that is older than what they show", () => {
    const rows = change(
      listed(incidentRow(1, { priority: 70, changedAt: at(5) })),
      incidentRow(1, { changedAt: at(4) }),
    );
    expect(rows.byId.get(1)?.incident.priority).toBe(70);
  });

  test("stay when they no longer match, marked as gone, and come back when they match again", () => {
    const closed = change(
      listed(incidentRow(1), incidentRow(2)),
      incidentRow(1, { state: "closed", changedAt: at(1) }),
    );
    expect(closed.byId.get(1)?.gone).toBe(true);
    expect([matchCount(closed), isOutOfOrder(closed)]).toEqual([1, true]);
    expect(broughtUpToDate(closed).order).toEqual([2]);
    const reopened = change(closed, incidentRow(1, { changedAt: at(2) }));
    expect(reopened.byId.get(1)?.gone).toBe(false);
  });

  test("that are new are counted and wait, and join by priority when asked for", () => {
    const rows = change(
      listed(incidentRow(1, { priority: 60 }), incidentRow(2, { priority: 40 })),
      incidentRow(3, { priority: 50 }),
      incidentRow(4, { priority: 90 }),
      incidentRow(5, { state: "closed" }),
    );
    expect([[...rows.pending.keys()], rows.order]).toEqual([
      [3, 4],
      [1, 2],
    ]);
    expect(broughtUpToDate(rows).order).toEqual([4, 1, 3, 2]);
  });

  test("that were new and are closed meanwhile are not announced", () => {
    const rows = change(change(listed(), incidentRow(3)), incidentRow(3, { state: "closed", changedAt: at(1) }));
    expect(rows.pending.size).toBe(0);
  });

  test("are counted with those that the server has not listed yet", () => {
    const rows = withPage(noRows, [incidentRow(1), incidentRow(2)], 4_312);
    expect(matchCount(rows)).toBe(4_312);
    expect(matchCount(withPage(rows, [incidentRow(3)], 4_312))).toBe(4_312);
  });

  test("of a later page keep what came by a live update meanwhile", () => {
    const live = change(listed(incidentRow(1)), incidentRow(2, { frameCount: 8, changedAt: at(9) }));
    const rows = withPage(live, [incidentRow(2), incidentRow(1, { priority: 1 })], 2);
    expect(rows.order).toEqual([1, 2]);
    expect([rows.pending.size, matchCount(rows)]).toEqual([0, 2]);
  });

  test("are marked, not moved, by a list read anew after updates were missed", () => {
    const rows = change(listed(incidentRow(1), incidentRow(2)), incidentRow(3), incidentRow(4));
    const fresh = [incidentRow(4), incidentRow(5), incidentRow(2, { frameCount: 9, changedAt: at(1) })];
    const latest = withListing(rows, fresh, true, unclosed);
    expect([latest.order, [...latest.pending.keys()]]).toEqual([
      [1, 2],
      [4, 5],
    ]);
    expect([latest.byId.get(1)?.gone, latest.byId.get(2)?.incident.frameCount]).toEqual([true, 9]);
    expect(withListing(rows, fresh, false, unclosed).byId.get(1)?.gone).toBe(false);
  });

  test("stand by priority, by age or by what is due next, equal ones by number", () => {
    const some = [
      incidentRow(3, { priority: 9, openedAt: at(1), targetAt: at(30) }),
      incidentRow(2, { priority: 9, openedAt: at(2), targetAt: at(20) }),
      incidentRow(1, { priority: 4, openedAt: at(1), targetAt: at(40) }),
    ];
    const by = (name: keyof typeof orders) => some.toSorted(orders[name]).map(({ id }) => id);
    expect([by("priority"), by("waiting"), by("target")]).toEqual([
      [2, 3, 1],
      [1, 3, 2],
      [2, 3, 1],
    ]);
  });
});
