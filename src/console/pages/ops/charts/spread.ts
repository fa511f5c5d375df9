/**
 * Moves places apart so that names written there do not cover one another: near where they were, in their order, and
 * between `top` and `bottom` as far as all have room.
 */
export function spread(places: readonly number[], apart: number, top: number, bottom: number): number[] {
  const order = [...places.keys()].toSorted((one, other) => (places[one] ?? 0) - (places[other] ?? 0));
  const moved = [...places];
  let least = top;
  for (const at of order) {
    const place = Math.max(least, moved[at] ?? top);
    moved[at] = place;
    least = place + apart;
  }
  let most = bottom;
  for (const at of order.toReversed()) {
    const place = Math.min(most, moved[at] ?? bottom);
    moved[at] = place;
    most = place - apart;
  }
  return moved;
}
