/**
 * Claims and returns of holds, one after another. A claim that overtook a return would be answered with a hold that
 * ends a moment later, as happened to whoever left Review and came straight back.
 */
import type { Hold } from "../../../../review/contract/hold.ts";
import { releaseHolds } from "../../../api/review-api.ts";

let last: Promise<unknown> = Promise.resolve();

/** Runs the work when all that was given in before has ended. */
export function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
  const turn = last.then(work);
  last = turn.catch(() => {});
  return turn;
}

/** Gives holds back. What cannot be given back ends by itself. */
export async function returned(holds: readonly (Hold | null)[]): Promise<void> {
  const tokens = holds.flatMap((hold) => (hold ? [hold.token] : []));
  if (tokens.length > 0) await releaseHolds(tokens).catch(() => {});
}

/** The same in its turn; does not wait. */
export function giveBack(holds: readonly (Hold | null)[]): void {
  void inTurn(() => returned(holds));
}
