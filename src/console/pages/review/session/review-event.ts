import type { Claim, Hold } from "../../../../review/contract/hold.ts";
import type { DecisionView, Incident, IncidentSummary, Person } from "../../../../review/contract/incident.ts";
import type { EndedBy, Judgement, Layer, Outgoing } from "./review-state.ts";

/** All that can happen to Review. `atMs` is the page's clock. */
export type ReviewHappening =
  | { type: "claimed"; claim: Claim; askedFor: number | null; atMs: number }
  | { type: "claim-failed"; error: Error }
  | { type: "restored"; outgoing: readonly Outgoing[] }
  | { type: "moved-elsewhere" }
  | { type: "here-again" }
  | { type: "break-began" }
  | { type: "break-ended" }
  | { type: "painted"; token: number; atMs: number; anyKeyDown: boolean }
  | { type: "keys-up" }
  | { type: "in-view"; visible: boolean; atMs: number }
  | { type: "selected"; captureId: string }
  | { type: "layer"; layer: Layer }
  | { type: "category"; category: string }
  | { type: "note"; note: string }
  | { type: "armed"; judgement: Judgement; untilMs: number }
  | { type: "disarmed" }
  | { type: "acted"; outgoing: Outgoing; atMs: number }
  | { type: "not-reached"; key: string }
  | { type: "saved"; key: string; decision: DecisionView | null }
  | { type: "refused"; key: string; why: string }
  | { type: "refusal-read"; key: string }
  | { type: "undo-wanted"; key: string }
  | { type: "undo-asked"; key: string }
  | { type: "undone"; key: string; hold: Hold | null; said: string; atMs: number }
  | { type: "undo-failed"; key: string; said: string }
  | { type: "decision-told"; decision: DecisionView }
  | { type: "incident-read"; incident: Incident; atMs: number }
  | { type: "incident-told"; incident: IncidentSummary }
  | { type: "hold-renewed"; token: number; expiresAt: string }
  | { type: "hold-ended"; token: number; by: EndedBy; at: string; holder: Person | null }
  | { type: "taken"; hold: Hold; atMs: number }
  | { type: "ended-read"; atMs: number }
  | { type: "standby-left" }
  | { type: "said"; words: string };
