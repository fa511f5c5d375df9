import type { Proportion } from "../contract/quality.ts";

/** Quantile of the normal distribution for 95 %, two-sided. */
const z = 1.959963984540054;

/**
 * A share with its 95 % Wilson score interval (E. B. Wilson, 1927): unlike the usual one it stays within 0 and 1, and
 * holds for few cases and for shares near either end.
 *
 * @param count of the `of` cases
 */
export function proportion(count: number, of: number): Proportion {
  if (of === 0) return { count, of, share: null, low: null, high: null };
  const share = count / of;
  const middle = share + z ** 2 / (2 * of);
  const half = z * Math.sqrt((share * (1 - share)) / of + (z / (2 * of)) ** 2);
  const scale = 1 + z ** 2 / of;
  return {
    count,
    of,
    share,
    // At the ends the bound is the end itself, which rounding may miss.
    low: count === 0 ? 0 : (middle - half) / scale,
    high: count === of ? 1 : (middle + half) / scale,
  };
}
