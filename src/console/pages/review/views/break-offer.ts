/** When a break is offered: after so long without one, and again a while after it was put off. */
import { signal } from "@preact/signals";
import { serverNow } from "../../../api/server-clock.ts";
import { onBreak } from "../../../shell/break.ts";

const laterMs = 600_000;

const working = signal({ sinceMs: serverNow(), quietUntilMs: 0 });

onBreak.subscribe((resting) => {
  if (!resting) working.value = { sinceMs: serverNow(), quietUntilMs: 0 };
});

/** How long the person has worked, if a break is to be offered now; null: not now. */
export function breakDue(everyMs: number, nowMs: number): number | null {
  const { sinceMs, quietUntilMs } = working.value;
  return nowMs - sinceMs >= everyMs && nowMs >= quietUntilMs ? nowMs - sinceMs : null;
}

export function laterBreak(): void {
  working.value = { ...working.peek(), quietUntilMs: serverNow() + laterMs };
}
