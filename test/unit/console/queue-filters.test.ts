import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  activeFilters,
  formatFilters,
  kinds,
  matches,
  noFilters,
  parseFilters,
  parseGrouping,
  type QueueFilters,
  requestOf,
  severities,
  states,
  toggled,
  withoutFilter,
} from "../../../src/console/pages/queue/filters.ts";
import { IncidentFilters } from "../../../src/review/contract/incident.ts";
import { incidentRow } from "./incident-rows.ts";

const words = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 40 }), { maxLength: 3 });
const anyFilters: fc.Arbitrary<QueueFilters> = fc.record({
  search: fc.string({ maxLength: 256 }),
  severity: fc.subarray([...severities]),
  category: words,
  state: fc.subarray([...states]),
  model: words,
  policyVersion: fc.option(fc.string()),
  kind: fc.constantFrom(null, ...kinds),
  holder: fc.option(fc.uuid()),
});

describe("the filters of the Queue", () => {
  test("come back from the address as they went into it", () => {
    fc.assert(
      fc.property(anyFilters, (filters) => {
        expect(parseFilters(formatFilters(filters))).toEqual(filters);
      }),
    );
  });

  test("are asked for as the API takes them", () => {
    fc.assert(
      fc.property(anyFilters, (filters) => {
        expect(IncidentFilters.safeParse(requestOf(filters)).success).toBe(true);
      }),
    );
  });

  test("leave out of an address what they do not know", () => {
    expect(parseFilters("severity=deadly&severity=low&state=lost&kind=&group=stream&utm=1")).toEqual({
      ...noFilters,
      severity: ["low"],
    });
  });

  test("show everything that is not closed when no state is chosen", () => {
    const row = incidentRow(1);
    expect(requestOf(noFilters).state).toEqual(["open", "assigned", "escalated"]);
    expect(matches(noFilters, row, false)).toBe(true);
    expect(matches(noFilters, { ...row, state: "closed" }, true)).toBe(false);
    expect(matches({ ...noFilters, state: ["closed"] }, { ...row, state: "closed" }, false)).toBe(true);
  });

  test("search stream and title, and trust the server where it found a capture", () => {
    const row = incidentRow(8812, { stream: { ...incidentRow(1).stream, streamId: "8812", title: "Night Ride" } });
    const search = (text: string, found = false) => matches({ ...noFilters, search: text }, row, found);
    expect([search("881"), search("night r"), search("capture-9"), search("capture-9", true)]).toEqual([
      true,
      true,
      false,
      true,
    ]);
  });

  test("each can be named and taken away alone", () => {
    const filters = { ...noFilters, search: "x", severity: ["severe" as const], holder: "a" };
    expect(activeFilters(filters)).toEqual(["search", "severity", "holder"]);
    expect(activeFilters(withoutFilter(filters, "severity"))).toEqual(["search", "holder"]);
    expect(toggled(["a", "b"], "a")).toEqual(["b"]);
    expect(toggled(["b"], "a")).toEqual(["b", "a"]);
  });

  test("stand beside the grouping, which is one of three", () => {
    expect([parseGrouping("group=stream"), parseGrouping("group=moon"), parseGrouping("")]).toEqual([
      "stream",
      null,
      null,
    ]);
  });
});
