/** Acts on their way to the server. Pure. */
import type { DecisionView } from "../../../../review/contract/incident.ts";
import type { Outgoing, ReviewState } from "./review-state.ts";

/** Changes the act of that key, if it is still there. */
export function changeOutgoing(state: ReviewState, key: string, change: (one: Outgoing) => Outgoing): ReviewState {
  return { ...state, outgoing: state.outgoing.map((one) => (one.key === key ? change(one) : one)) };
}

/** The newest decision that can still be taken back at this server time; null if there is none. */
export function undoable(outgoing: readonly Outgoing[], nowMs: number): Outgoing | null {
  const newest = outgoing.find(({ act, state }) => act.kind === "decision" && state !== "refused");
  if (!newest || newest.undo === "asked") return null;
  if (newest.state !== "saved") return newest;
  const { decision } = newest;
  if (!decision || decision.undoneAt || decision.sentAt) return null;
  return nowMs < Date.parse(decision.sendAt) ? newest : null;
}

/** How a decision stands now: its server may be slower to say "sent" than the clock. */
export function standing(one: Outgoing, nowMs: number): "saving" | "waiting" | "saved" | "sent" | "undone" | "refused" {
  if (one.state !== "saved") return one.state;
  if (one.decision?.undoneAt) return "undone";
  if (one.decision?.sentAt) return "sent";
  return one.decision && nowMs >= Date.parse(one.decision.sendAt) ? "sent" : "saved";
}

/** A live update on a decision, in the list of acts. */
export function withDecision(outgoing: readonly Outgoing[], decision: DecisionView): readonly Outgoing[] {
  return outgoing.map((one) => (one.decision?.id === decision.id ? { ...one, decision } : one));
}

/** Keeps what is still under way or unread, and the last ten of the rest. */
export function trimmed(outgoing: readonly Outgoing[]): readonly Outgoing[] {
  let done = 0;
  return outgoing.filter(({ state }) => state !== "saved" || ++done <= 10);
}
