import type { ClassDifference } from "./comparison.ts";

const decades = 8;
const rangesPerDecade = 2;

/**
 * The ranges that differences are counted in: the first is everything below 10^-8, equal scores among it, the others
 * are half decades up to 1, the last one including it. `from` and `to` are differences of scores.
 */
export const histogramRanges: readonly { from: number; to: number }[] = [
  { from: 0, to: 10 ** -decades },
  ...Array.from({ length: decades * rangesPerDecade }, (_, index) => ({
    from: 10 ** (index / rangesPerDecade - decades),
    to: 10 ** ((index + 1) / rangesPerDecade - decades),
  })),
];

/**
 * The first decimal place in which scores differ: the smallest d >= 1 of which the largest difference is at least half
 * a unit, 0.5 x 10^-d. A difference of 0.00004 is from the 5th place, one of 0.00005 from the 4th.
 * @returns null for no difference
 */
export function firstDecimal(largest: number): number | null {
  if (!(largest > 0)) return null;
  let place = 1;
  while (largest < 0.5 * 10 ** -place) place++;
  return place;
}

/** @param a scores of one class by A; @param b by B, of the same pictures; finite, both of the same length */
export function classDifference(label: string, a: readonly number[], b: readonly number[]): ClassDifference {
  const histogram = histogramRanges.map(() => 0);
  let [largest, sum, shift] = [0, 0, 0];
  a.forEach((score, index) => {
    const signed = (b[index] ?? 0) - score;
    const difference = Math.abs(signed);
    largest = Math.max(largest, difference);
    sum += difference;
    shift += signed;
    const range = rangeOf(difference);
    histogram[range] = (histogram[range] ?? 0) + 1;
  });
  const count = Math.max(1, a.length);
  return { label, largest, mean: sum / count, shift: shift / count, fromDecimal: firstDecimal(largest), histogram };
}

function rangeOf(difference: number): number {
  const found = histogramRanges.findIndex(({ to }) => difference < to);
  return found < 0 ? histogramRanges.length - 1 : found;
}
