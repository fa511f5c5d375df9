/** Whether the person takes a break: Review covers the picture, hands back what it holds, and claims nothing. */
import { signal } from "@preact/signals";
import { serverNow } from "../api/server-clock.ts";

export const onBreak = signal<{ sinceMs: number } | null>(null);

export function toggleBreak(): void {
  onBreak.value = onBreak.peek() ? null : { sinceMs: serverNow() };
}
