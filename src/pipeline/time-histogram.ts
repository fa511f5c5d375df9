/**
 * Times counted in buckets, each a fifth longer than the one before. Counts of many processes add up, and what two
 * moments differ by is the time between them; of quantiles neither holds.
 */
const shortestMs = 0.05;
const perDoubling = 4;
/** Of an hour. */
const lastBucket = 104;

/** The bucket that a time belongs to. @param ms negative ones (clocks that differ) count as 0 */
export function bucketOf(ms: number): number {
  if (!(ms > shortestMs)) return 0;
  return Math.min(lastBucket, Math.round(perDoubling * Math.log2(ms / shortestMs)));
}

/** The q-quantile of what was counted, ±9 %; undefined of nothing. @param counts by bucket */
export function quantileMs(counts: ReadonlyMap<number, number>, q: number): number | undefined {
  const buckets = [...counts].filter(([, count]) => count > 0).sort(([a], [b]) => a - b);
  const rank = q * buckets.reduce((sum, [, count]) => sum + count, 0);
  let passed = 0;
  for (const [bucket, count] of buckets) {
    passed += count;
    if (passed >= rank) return shortestMs * 2 ** (bucket / perDoubling);
  }
  return undefined;
}
