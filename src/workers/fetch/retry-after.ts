/**
 * How long a Retry-After header (RFC 9110, section 10.2.3: seconds or an HTTP date) asks to wait.
 * @returns milliseconds from 0 to `longestMs`, undefined when there is no such wish or it cannot be read
 */
export function retryAfterMs(header: string | undefined, nowMs: number, longestMs: number): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  const wishMs = /^\d+$/.test(text) ? Number(text) * 1000 : dateOf(text) - nowMs;
  return Number.isNaN(wishMs) ? undefined : Math.min(Math.max(wishMs, 0), longestMs);
}

/** NaN for all but dates that begin with a day's name, as those of HTTP do: Date.parse takes nearly anything. */
function dateOf(text: string): number {
  return /^[A-Z][a-z]{2,8},? /.test(text) ? Date.parse(text) : Number.NaN;
}
