const steps = [1, 2, 5, 10];

/** From 0, in steps of 1, 2 or 5 times a power of ten, four to eleven of them, the last one at `maximum` or above it. */
export function linearTicks(maximum: number): number[] {
  const rough = maximum / 8;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * (steps.find((each) => each * power >= rough) ?? 10);
  return Array.from({ length: Math.ceil(maximum / step - 1e-9) + 1 }, (_, index) => plain(index * step));
}

/** 1, 2 and 5 times powers of ten, the first one at `minimum` or below, the last one at `maximum` or above; two or more. */
export function logarithmicTicks(minimum: number, maximum: number): number[] {
  if (!(minimum > 0 && maximum < Number.POSITIVE_INFINITY)) return [1, 10];
  const from = Math.floor(Math.log10(minimum));
  const to = Math.ceil(Math.log10(maximum)) + 1;
  const all = Array.from({ length: to - from + 1 }, (_, at) =>
    [1, 2, 5].map((each) => plain(each * 10 ** (from + at))),
  ).flat();
  const first = all.findLastIndex((each) => each <= minimum);
  const last = all.findIndex((each) => each >= maximum);
  return all.slice(first, Math.max(last, first + 1) + 1);
}

/** Without the traces of binary fractions: 0.30000000000000004 is 0.3. */
function plain(value: number): number {
  return Number(value.toPrecision(12));
}
