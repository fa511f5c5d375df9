/** What waits, for the bar: told by claims and by live updates, whichever is newer. */
import { signal } from "@preact/signals";
import type { Waiting } from "../../review/contract/hold.ts";
import { onReviewEvent } from "../api/event-stream.ts";

export const waiting = signal<Waiting | null>(null);

/** Follows the live updates; returns the way to stop. */
export function followWaiting(): () => void {
  return onReviewEvent((event) => {
    if (event.type === "waiting") waiting.value = event.waiting;
  });
}
