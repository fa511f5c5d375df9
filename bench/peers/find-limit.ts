/** How to look for the highest rate that a system sustains. */
export interface LimitSearch {
  /** Captures per second to begin with. */
  from: number;
  /** Each rate is so many times the one before, until one is not sustained. */
  growth: number;
  /** Then so many rates between the last sustained one and the first that is not. */
  refinements: number;
}

/** Below it nothing is looked for. */
const lowest = 1;

/**
 * Rates rising to saturation. Where even the first one is too much, they fall until one is sustained.
 * @param isSustained loads the system at that rate
 * @returns the highest rate that was sustained; 0 where none was
 */
export async function findLimit(
  { from, growth, refinements }: LimitSearch,
  isSustained: (perSecond: number) => Promise<boolean>,
): Promise<number> {
  let good = 0;
  let bad = Number.POSITIVE_INFINITY;
  for (let rate = from; rate >= lowest && (good === 0 || bad === Number.POSITIVE_INFINITY); ) {
    if (await isSustained(rate)) good = rate;
    else bad = rate;
    rate = bad === Number.POSITIVE_INFINITY ? rate * growth : rate / growth;
  }
  for (let step = 0; good > 0 && step < refinements; step++) {
    const between = Math.sqrt(good * bad);
    if (await isSustained(between)) good = between;
    else bad = between;
  }
  return good;
}
