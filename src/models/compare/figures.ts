/** Figures in words, the same on the terminal and on the page. */

/** 0.0123 → "1.23 %" */
export function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}

/** A difference of scores, with three digits that count: "0.00123", "4.1e-9". */
export function difference(value: number): string {
  if (value === 0) return "0";
  return Math.abs(value) < 1e-6 ? value.toExponential(1) : String(Number(value.toPrecision(3)));
}

/** With its sign, which says who scores higher. */
export function signed(value: number): string {
  return value > 0 ? `+${difference(value)}` : difference(value);
}

/** 4 → "4th"; null, for no difference, "–". */
export function decimalPlace(place: number | null): string {
  if (place === null) return "–";
  const suffix = ["th", "st", "nd", "rd"][place % 100 > 10 && place % 100 < 14 ? 0 : place % 10] ?? "th";
  return `${place}${suffix}`;
}
