import fc from "fast-check";
import { expect, test } from "vitest";
import { type Holding, maxResubmissions, nextAction } from "../../src/producer/ingress/holdings.ts";
import { inFlight, receivedAtMs } from "../items.ts";

const holding = (facts: Partial<Holding> = {}): Holding => ({
  item: inFlight("a"),
  messages: [],
  resubmissions: 0,
  submitting: false,
  overdueAtMs: receivedAtMs + 75_000,
  ...facts,
});

test.each([
  ["is on its way and in time", "in flight", {}, "wait"],
  ["is settled", "settled", {}, "acknowledge"],
  ["is unknown to Redis", "absent", {}, "resubmit-lost"],
  ["is past its deadline and grace", "in flight", { overdueAtMs: receivedAtMs }, "resubmit-overdue"],
  ["is unknown to Redis once more", "absent", { resubmissions: maxResubmissions - 1 }, "resubmit-lost"],
  ["was lost too often", "absent", { resubmissions: maxResubmissions }, "give-up"],
  ["was overdue too often", "in flight", { resubmissions: maxResubmissions, overdueAtMs: receivedAtMs }, "give-up"],
  ["is settled after all", "settled", { resubmissions: maxResubmissions, overdueAtMs: 0 }, "acknowledge"],
  ["is being put on a queue", "absent", { submitting: true, overdueAtMs: 0 }, "wait"],
] as const)("a held capture that %s (%s, %o): %s", (_, state, facts, action) => {
  expect(nextAction(holding(facts), state, receivedAtMs)).toBe(action);
});

test("only what is settled is ever acknowledged, and nothing that is settled is submitted again", () => {
  const anyHolding = fc.record({ resubmissions: fc.nat(5), submitting: fc.boolean(), overdueAtMs: fc.nat(100) });
  const anyState = fc.constantFrom("absent" as const, "in flight" as const, "settled" as const);
  fc.assert(
    fc.property(anyHolding, anyState, fc.nat(100), (facts, state, nowMs) => {
      const action = nextAction(holding(facts), state, nowMs);
      if (action === "acknowledge") expect(state).toBe("settled");
      if (state === "settled") expect(["acknowledge", "wait"]).toContain(action);
    }),
  );
});

test("a capture that nobody ever finishes is submitted again three times and then given up", () => {
  const held = holding({ overdueAtMs: 0 });
  const actions = Array.from({ length: 4 }, () => {
    const action = nextAction(held, "in flight", receivedAtMs);
    held.resubmissions += 1;
    return action;
  });
  expect(actions).toEqual(["resubmit-overdue", "resubmit-overdue", "resubmit-overdue", "give-up"]);
});
