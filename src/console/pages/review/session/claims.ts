/** What a claim's answer, or an ended hold, does to stage and standby. Pure. */
import type { Claim, Hold } from "../../../../review/contract/hold.ts";
import type { Act, OnStage, ReviewState } from "./review-state.ts";
import { putOnStage, withIncident } from "./stage.ts";

/**
 * What is on the stage stays there as long as it is held; the server's other hold is the standby.
 *
 * @param askedFor token of what was on the stage when the claim was sent
 */
export function takeClaim(state: ReviewState, claim: Claim, askedFor: number | null, atMs: number): ReviewState {
  // A claim may have been answered before the server heard of an act that took its incident off the stage.
  // One that was refused left its hold as it was, so its incident may come back.
  const acted = new Set(state.outgoing.filter((one) => one.state !== "refused").map(({ act }) => tokenOf(act)));
  const holds = [claim.current, claim.standby].filter((hold) => hold !== null).filter(({ token }) => !acted.has(token));
  const kept = state.current && keptOnStage(state.current, holds, askedFor, atMs);
  const rest = holds.filter(({ token }) => token !== kept?.hold.token);
  const current = kept ?? (rest[0] ? putOnStage(rest[0], atMs) : null);
  return {
    ...state,
    phase: "working",
    current,
    standby: rest.find(({ token }) => token !== current?.hold.token) ?? null,
    budget: claim.budget,
    nothingWaiting: holds.length === 0,
    lastArrivedAt: claim.waiting.lastArrivedAt,
    error: null,
  };
}

/** null: it may leave the stage. An ended hold stays until the person goes on; one that the server does not know ended. */
function keptOnStage(current: OnStage, holds: readonly Hold[], askedFor: number | null, atMs: number): OnStage | null {
  if (current.ended) return current;
  const hold = holds.find(({ token }) => token === current.hold.token);
  if (hold)
    return withIncident({ ...current, hold: { ...current.hold, expiresAt: hold.expiresAt } }, hold.incident, atMs);
  // It was the standby, and swapped for a more urgent one, while the answer was on its way.
  if (current.hold.token !== askedFor) return null;
  return { ...current, armed: null, ended: { by: "released", at: current.hold.expiresAt, holder: null } };
}

/** The standby comes onto the stage, if there is one. */
export function advance(state: ReviewState, atMs: number): ReviewState {
  const { standby } = state;
  return { ...state, current: standby ? putOnStage(standby, atMs) : null, standby: null, layer: null };
}

/** Tokens that are held, for claims, heartbeats and giving back. */
export function tokensOf({ current, standby }: Pick<ReviewState, "current" | "standby">): number[] {
  const held = current && !current.ended ? [current.hold.token] : [];
  return standby ? [...held, standby.token] : held;
}

const tokenOf = (act: Act): number => (act.kind === "decision" ? act.body.token : act.token);
