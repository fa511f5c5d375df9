/**
 * What Review knows, as one value that only `reduce` changes.
 *
 * The stage has at most one incident (`current`), with a second in reserve (`standby`). A decision takes the current
 * one off at once, puts the standby in its place, and goes to `outgoing`, where it is saving, then saved until it is
 * sent, or undone, or refused. A hold that ends leaves its incident on the stage, covered, with `ended` set, until the
 * person goes on.
 */
import type { DecisionRequest } from "../../../../review/contract/decision.ts";
import type { BudgetNotice, Hold } from "../../../../review/contract/hold.ts";
import type { DecisionView, Person } from "../../../../review/contract/incident.ts";
import type { SkipReason } from "../../../api/review-api.ts";

export type Judgement = { outcome: "no-violation" } | { outcome: "violation"; category: string; action: string };

/** `released`: it ended in a way that the page was not told. */
export type EndedBy = "expired" | "taken-over" | "released";

export interface OnStage {
  hold: Hold;
  /** Capture whose frame is in the large place. */
  selected: string;
  /** As found, or as corrected by the person; it goes with the decision. */
  category: string;
  note: string;
  /** On the page's clock; null until it is painted. */
  paintedAtMs: number | null;
  /** Every key has been up at some moment since it was painted. */
  keysWereUp: boolean;
  joined: { atMs: number; count: number; peak: number | null } | null;
  /** Decision keys rest for a moment from here on: frames joined that may change the person's mind. */
  restFromMs: number | null;
  /** What one more key commits, until when. */
  armed: { judgement: Judgement; untilMs: number } | null;
  ended: { by: EndedBy; at: string; holder: Person | null } | null;
  /** Time in view before `inViewSinceMs`. */
  viewedMs: number;
  inViewSinceMs: number | null;
}

/** An act on its way to the server. `key` is its Idempotency-Key, made when the key was pressed. */
export type Act =
  | { kind: "decision"; body: DecisionRequest }
  | { kind: "escalation"; token: number; note: string }
  | { kind: "skip"; token: number; reason: SkipReason };

export interface Outgoing {
  key: string;
  incidentId: number;
  streamId: string;
  act: Act;
  /** ISO 8601, server's clock. */
  madeAt: string;
  /** `waiting`: the server was not reached, it goes again. */
  state: "saving" | "waiting" | "saved" | "refused";
  decision: DecisionView | null;
  /** The person wants it back: asked for as soon as it is saved. */
  undo: "no" | "wanted" | "asked";
  why: string | null;
}

export type Phase = "starting" | "working" | "elsewhere" | "break" | "failed";
export type Layer = "category" | "skip" | "escalate" | null;

export interface ReviewState {
  phase: Phase;
  current: OnStage | null;
  standby: Hold | null;
  /** Newest first; refused ones stay until they are read. */
  outgoing: readonly Outgoing[];
  budget: BudgetNotice | null;
  /** The last claim found nothing. */
  nothingWaiting: boolean;
  lastArrivedAt: string | null;
  error: Error | null;
  layer: Layer;
  /** The last thing to say in the undo slot when nothing is to be undone. */
  said: string | null;
}

export const initialState: ReviewState = {
  phase: "starting",
  current: null,
  standby: null,
  outgoing: [],
  budget: null,
  nothingWaiting: false,
  lastArrivedAt: null,
  error: null,
  layer: null,
  said: null,
};
