/**
 * The life of an incident, as one table.
 *
 *     open ──claim──► assigned ──decide──► closed ──reopen──► open
 *      ▲                │  │ ▲                │
 *      └────release─────┘  │ └─claim─┐        └─undo─► open, or escalated if leads had it
 *                       escalate ► escalated
 *
 * Leads hold an escalated incident like any other; given back, it is escalated again: `escalated` remembers that
 * until the incident is reopened.
 */
import type { IncidentState } from "../contract/incident.ts";

export const incidentEvents = ["claim", "take-over", "release", "escalate", "decide", "undo", "reopen"] as const;
export type IncidentEvent = (typeof incidentEvents)[number];

export interface Place {
  state: IncidentState;
  /** Whether leads have been asked, and have not decided for good. */
  escalated: boolean;
}

/** `waiting`: open, or escalated if leads have been asked. */
const transitions: Record<IncidentState, Partial<Record<IncidentEvent, IncidentState | "waiting">>> = {
  open: { claim: "assigned" },
  escalated: { claim: "assigned" },
  assigned: { "take-over": "assigned", release: "waiting", escalate: "escalated", decide: "closed" },
  closed: { undo: "waiting", reopen: "open" },
};

/** Where `event` leads, or undefined where it may not happen. */
export function transition(place: Place, event: IncidentEvent): Place | undefined {
  const to = transitions[place.state][event];
  if (to === undefined) return undefined;
  const escalated = event === "escalate" || (event !== "reopen" && place.escalated);
  return { state: to === "waiting" ? (escalated ? "escalated" : "open") : to, escalated };
}
