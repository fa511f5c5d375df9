const maxDelayMs = 30_000;

/**
 * Exponential back-off with jitter ("equal jitter": half fixed, half random), so that captures that failed
 * together do not come back together.
 *
 * @param attempt attempts already spent, 0 for the first retry
 * @param random a number in [0, 1)
 * @returns milliseconds to wait
 */
export function backoffMs(baseMs: number, attempt: number, random: number): number {
  const ceiling = Math.min(baseMs * 2 ** Math.min(attempt, 30), maxDelayMs);
  return Math.round(ceiling / 2 + (ceiling / 2) * random);
}
