import { expect, test } from "vitest";
import { actsOn } from "../../../src/console/pages/incident/incident-acts.ts";
import { incidentRow } from "./incident-rows.ts";

const me = (role: "viewer" | "moderator" | "lead" | "admin") => ({ id: "me", role });
const holder = (id: string) => ({ id, name: "Li Wei", initials: "LW" });
const open = { ...incidentRow(1), escalation: null };
const held = (id: string) => ({ ...open, state: "assigned" as const, holder: holder(id) });
const escalated = { ...open, state: "escalated" as const, escalation: {} };
const closed = { ...open, state: "closed" as const };

test("viewers look, and do nothing else", () => {
  for (const incident of [open, held("me"), escalated, closed]) expect(actsOn(incident, me("viewer"))).toEqual([]);
});

test("moderators take what is free and go on with what is theirs", () => {
  expect(actsOn(open, me("moderator"))).toEqual(["take", "escalate"]);
  expect(actsOn(held("me"), me("moderator"))).toEqual(["continue", "escalate"]);
  for (const incident of [held("you"), escalated, closed]) expect(actsOn(incident, me("moderator"))).toEqual([]);
});

test("leads take over, take what was escalated, reopen, and hold by law", () => {
  expect(actsOn(held("you"), me("lead"))).toEqual(["take-over", "hold"]);
  expect(actsOn(escalated, me("lead"))).toEqual(["take", "hold"]);
  expect(actsOn({ ...closed, legalHold: true }, me("admin"))).toEqual(["reopen", "lift"]);
});
