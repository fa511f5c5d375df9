import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type IncidentEvent,
  incidentEvents,
  type Place,
  transition,
} from "../../src/review/incidents/state-machine.ts";

/** The places that the events lead to, up to the first that may not happen. */
function walk(events: readonly IncidentEvent[]): Place[] {
  const places: Place[] = [{ state: "open", escalated: false }];
  for (const event of events) {
    const last = places.at(-1);
    const next = last && transition(last, event);
    if (!next) break;
    places.push(next);
  }
  return places;
}

describe("the life of an incident", () => {
  test.each([
    ["is claimed and decided", ["claim", "decide"], "closed"],
    ["is given back", ["claim", "release"], "open"],
    [
      "goes to leads, and is escalated again when a lead gives it back",
      ["claim", "escalate", "claim", "release"],
      "escalated",
    ],
    [
      "goes back to leads when a lead's decision is undone",
      ["claim", "escalate", "claim", "decide", "undo"],
      "escalated",
    ],
    ["is open to everybody once it is reopened", ["claim", "escalate", "claim", "decide", "reopen"], "open"],
    ["passes to a lead who takes over", ["claim", "take-over"], "assigned"],
  ] as const)("%s", (_, events, state) => {
    expect(walk(events)).toHaveLength(events.length + 1);
    expect(walk(events).at(-1)?.state).toBe(state);
  });

  test.each([
    ["decided without a hold", [], "decide"],
    ["claimed twice", ["claim"], "claim"],
    ["decided twice", ["claim", "decide"], "decide"],
    ["claimed while it is closed", ["claim", "decide"], "claim"],
    ["undone while it is open", ["claim", "decide", "undo"], "undo"],
    ["reopened while it is open", [], "reopen"],
    ["escalated by nobody", [], "escalate"],
  ] as const)("is not %s", (_, before, event) => {
    const place = walk(before).at(-1);
    expect(place && transition(place, event)).toBeUndefined();
  });

  test("whatever happens, it is escalated only while leads are asked, and closed only by a decision", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...incidentEvents), { maxLength: 40 }), (events) => {
        let place: Place = { state: "open", escalated: false };
        for (const event of events) {
          const next = transition(place, event);
          if (!next) continue;
          if (next.state === "escalated") expect(next.escalated).toBe(true);
          if (next.state === "open") expect(next.escalated).toBe(false);
          if (next.state === "closed") expect(event).toBe("decide");
          if (place.state === "closed") expect(["undo", "reopen"]).toContain(event);
          if (event !== "escalate" && !place.escalated) expect(next.escalated).toBe(false);
          place = next;
        }
      }),
    );
  });
});
