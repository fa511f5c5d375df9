/**
 * Exponential back-off with jitter: between half and all of base × 2^(failures − 1), at most max.
 * @param failures in a row, from 1
 */
export function backOffMs(
  failures: number,
  { baseMs, maxMs }: { baseMs: number; maxMs: number },
  random: () => number = Math.random,
): number {
  const ceilingMs = Math.min(maxMs, baseMs * 2 ** Math.min(failures - 1, 30));
  return ceilingMs / 2 + (random() * ceilingMs) / 2;
}
