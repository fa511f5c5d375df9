import { expect, test } from "vitest";
import { detailsOf } from "../../../src/console/activity/activity-details.ts";

test("a change of a setting shows what differs, and nothing else", () => {
  const details = { name: "retention", from: { low: 14, high: 90 }, to: { low: 7, high: 90 }, version: 4 };
  expect(detailsOf(details)).toEqual([
    { name: "low", from: "14", to: "7" },
    { name: "name", from: null, to: "retention" },
    { name: "version", from: null, to: "4" },
  ]);
});

test("lists are written out, and things with a label go by it", () => {
  const [change] = detailsOf({
    from: { actions: [{ label: "Warn" }] },
    to: { actions: [{ label: "Warn" }, { label: "Blur" }] },
  });
  expect(change).toEqual({ name: "actions", from: "Warn", to: "Warn, Blur" });
  expect(detailsOf({ from: { scopes: [] }, to: { scopes: ["ops"] } })).toEqual([
    { name: "scopes", from: "–", to: "ops" },
  ]);
});

test("what says nothing is left out", () => {
  expect(detailsOf({ id: "7f", decisionId: "9a", note: "", bulk: false, action: null, seconds: 3.2 })).toEqual([
    { name: "seconds", from: null, to: "3.2" },
  ]);
  expect(detailsOf({})).toEqual([]);
});

test("one side of a change alone is told as it is", () => {
  expect(detailsOf({ to: "Li Wei" })).toEqual([{ name: "to", from: null, to: "Li Wei" }]);
  expect(detailsOf({ from: 1, to: 2 })).toEqual([{ name: "", from: "1", to: "2" }]);
});
