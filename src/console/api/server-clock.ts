/** Countdowns run on the server's time, whatever the clock of this machine says. */
import { signal } from "@preact/signals";

const offsetMs = signal(0);
/** Server time, in milliseconds since 1970, as of the last tick: what views that count seconds read. */
export const tickMs = signal(Date.now());

/** Milliseconds since 1970 on the server's clock. */
export function serverNow(): number {
  return Date.now() + offsetMs.peek();
}

/** Takes the time in an answer (ISO 8601) as that of the middle between asking and receiving. */
export function observeServerTime(serverTime: string, askedAtMs: number, receivedAtMs: number): void {
  const next = offsetBetween(serverTime, askedAtMs, receivedAtMs);
  if (next === null) return;
  // What the network's delay makes uncertain would only make the countdown jump.
  if (Math.abs(next - offsetMs.peek()) > (receivedAtMs - askedAtMs) / 2) offsetMs.value = next;
}

/** How far the server's clock is ahead of this machine's, in milliseconds; null if the text is no time. */
export function offsetBetween(serverTime: string, askedAtMs: number, receivedAtMs: number): number | null {
  const atMs = Date.parse(serverTime);
  return Number.isNaN(atMs) ? null : atMs - (askedAtMs + receivedAtMs) / 2;
}

/** Ticks four times a second, so that no countdown skips a second; returns the way to stop. */
export function startClock(): () => void {
  const timer = setInterval(() => {
    tickMs.value = serverNow();
  }, 250);
  return () => clearInterval(timer);
}
