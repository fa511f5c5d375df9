/** Numbers that a seed decides: the same pictures and streams in every run. */
export interface Random {
  /** In [from, to). */
  between(from: number, to: number): number;
  /** Whole, in [from, to]. */
  whole(from: number, to: number): number;
  pick<Item>(items: readonly [Item, ...Item[]]): Item;
}

/** A 32-bit xorshift generator (G. Marsaglia, 2003): quick, and good enough for pictures. */
export function createRandom(seed: number): Random {
  let state = Math.imul(seed + 1, 0x9e3779b1) | 0 || 1;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  for (let warmUp = 0; warmUp < 8; warmUp++) next();
  const between = (from: number, to: number) => from + next() * (to - from);
  const whole = (from: number, to: number) => Math.floor(between(from, to + 1));
  return { between, whole, pick: (items) => items[whole(0, items.length - 1)] ?? items[0] };
}
