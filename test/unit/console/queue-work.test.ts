import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { drawLooks, obstacles } from "../../../src/console/pages/queue/bulk-close-rules.ts";
import { noFilters } from "../../../src/console/pages/queue/filters.ts";
import { groupRows, narrowedTo } from "../../../src/console/pages/queue/grouping.ts";
import { moved, stillListed, toggledIn, withRange } from "../../../src/console/pages/queue/row-cursor.ts";
import { viewObstacle, withoutView, withView } from "../../../src/console/pages/queue/saved-views.ts";
import { incidentRow } from "./incident-rows.ts";

describe("the active row", () => {
  test("moves by rows and stops at the ends", () => {
    expect(moved([4, 2, 9], 2, 1)).toBe(9);
    expect(moved([4, 2, 9], 2, 5)).toBe(9);
    expect(moved([4, 2, 9], 2, -5)).toBe(4);
    expect(moved([], 2, 1)).toBeNull();
  });

  test("starts at the first row, or at the last when moving up", () => {
    expect([moved([4, 2, 9], null, 1), moved([4, 2, 9], null, -1)]).toEqual([4, 9]);
  });

  test("goes to either end at once, from wherever it is", () => {
    const ends = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (const from of [null, 2, 77]) expect(ends.map((rows) => moved([4, 2, 9], from, rows))).toEqual([4, 9]);
  });
});

describe("the selection", () => {
  test("takes single rows and ranges, and forgets rows that are gone", () => {
    const order = [5, 4, 3, 2, 1];
    const some = withRange(toggledIn(new Set(), 1), order, 4, 2);
    expect([...some].toSorted()).toEqual([1, 2, 3, 4]);
    expect([...toggledIn(some, 3)].toSorted()).toEqual([1, 2, 4]);
    expect([...stillListed(some, new Map([[2, true]]))]).toEqual([2]);
  });

  test("takes one row alone when the range's start is gone", () => {
    expect([...withRange(new Set(), [2, 1], 7, 1)]).toEqual([1]);
  });
});

describe("closing many at once", () => {
  test("asks to look at ten different ones of them, or all if fewer", () => {
    const ids = fc.uniqueArray(fc.integer({ min: 1 }), { maxLength: 60 });
    const numbers = fc.infiniteStream(fc.double({ min: 0, max: 0.999999, noNaN: true }));
    fc.assert(
      fc.property(ids, numbers, (all, stream) => {
        const drawn = drawLooks(all, () => Number(stream.next().value));
        expect(drawn).toHaveLength(Math.min(10, all.length));
        expect(new Set(drawn).size).toBe(drawn.length);
        expect(drawn.every((id) => all.includes(id))).toBe(true);
      }),
    );
  });

  const ready = {
    count: 1_204,
    toLookAt: [1, 2],
    lookedAt: new Set([1, 2]),
    close: "warn",
    category: "nudity",
    typedCount: "1,204",
    note: "flood of a broken model",
  };

  test("is allowed when all was looked at, chosen, counted and explained", () => {
    expect(obstacles(ready)).toEqual([]);
    expect(obstacles({ ...ready, close: "no-violation", category: null, typedCount: " 1204 " })).toEqual([]);
  });

  test("names everything that is still missing", () => {
    const draft = { ...ready, lookedAt: new Set([1]), close: null, typedCount: "14", note: "  " };
    expect(obstacles(draft)).toEqual(["looks", "close", "note", "count"]);
    expect(obstacles({ ...ready, category: null })).toEqual(["category"]);
    expect(obstacles({ ...ready, typedCount: "" })).toEqual(["count"]);
    expect(obstacles({ ...ready, count: 6_000, typedCount: "6000" })).toEqual(["too-many"]);
  });
});

describe("grouping", () => {
  const rows = [
    incidentRow(1, { category: "violence", openedAt: "2026-11-20T09:00:00.000Z" }),
    incidentRow(2, { severity: "severe" }),
    incidentRow(3, { openedAt: "2026-11-20T09:30:00.000Z" }),
    incidentRow(4, { policyVersion: "15" }),
  ];

  test("counts each group, the largest first, with its worst severity and oldest incident", () => {
    expect(groupRows(rows, "category")).toEqual([
      {
        key: "nudity",
        ids: [2, 3, 4],
        share: 0.75,
        worst: "severe",
        oldestOpenedAt: "2026-11-20T09:30:00.000Z",
        categories: ["nudity"],
      },
      {
        key: "violence",
        ids: [1],
        share: 0.25,
        worst: "high",
        oldestOpenedAt: "2026-11-20T09:00:00.000Z",
        categories: ["violence"],
      },
    ]);
    expect(groupRows(rows, "policyVersion").map(({ key, categories }) => [key, categories])).toEqual([
      ["14", ["nudity", "violence"]],
      ["15", ["nudity"]],
    ]);
  });

  test("of streams narrows to one by search, of the others by filter", () => {
    expect(groupRows(rows, "stream")).toHaveLength(4);
    expect(narrowedTo(noFilters, "stream", "8812").search).toBe("8812");
    expect(narrowedTo(noFilters, "category", "nudity").category).toEqual(["nudity"]);
    expect(narrowedTo(noFilters, "policyVersion", "14").policyVersion).toBe("14");
  });
});

describe("saved views", () => {
  const views = [{ name: "mine", query: "holder=1" }];

  test("replace one of the same name, in its place", () => {
    expect(withView(views, { name: "mine", query: "holder=2" })).toEqual([{ name: "mine", query: "holder=2" }]);
    expect(withView(views, { name: "severe", query: "severity=severe" })).toHaveLength(2);
    expect(withoutView(views, "mine")).toEqual([]);
  });

  test("need a name, and end at thirty", () => {
    expect([viewObstacle(views, " "), viewObstacle(views, "x".repeat(81)), viewObstacle(views, "x")]).toEqual([
      "no-name",
      "too-long",
      null,
    ]);
    const full = Array.from({ length: 30 }, (_, number) => ({ name: `view ${number}`, query: "" }));
    expect([viewObstacle(full, "new"), viewObstacle(full, "view 3")]).toEqual(["too-many", null]);
  });
});
