/**
 * What one ingress process holds: per capture the messages to acknowledge and the item to submit again.
 *
 *     held ──submitted──► under way ──settled──► acknowledged
 *       ▲                    │
 *       └── absent in Redis, or past deadline and grace: submitted again
 *
 * A capture that another ingress submitted is held too, as a watcher: it is acknowledged when settled, and
 * submitted from here when the other's work is found to be gone.
 */
import type { Concluded, InFlight } from "../../capture/item.ts";
import type { CaptureState } from "../../pipeline/capture-states.ts";

export interface Acknowledgeable {
  ack(): void;
  nack(): void;
}

export interface Holding {
  item: InFlight | Concluded;
  messages: Acknowledgeable[];
  /** Times it was put on a queue again after the first. */
  resubmissions: number;
  /** While it is being put on a queue its Redis state says nothing. */
  submitting: boolean;
  /** From this moment on (ms since 1970) its verdict is overdue. */
  overdueAtMs: number;
}

export type Action = "wait" | "acknowledge" | "resubmit-lost" | "resubmit-overdue" | "give-up";

export const maxResubmissions = 3;

/** What to do about a held capture whose state in Redis is known. Pure. */
export function nextAction(holding: Holding, state: CaptureState, nowMs: number): Action {
  if (holding.submitting) return "wait";
  if (state === "settled") return "acknowledge";
  if (state === "in flight" && nowMs < holding.overdueAtMs) return "wait";
  if (holding.resubmissions >= maxResubmissions) return "give-up";
  return state === "absent" ? "resubmit-lost" : "resubmit-overdue";
}
