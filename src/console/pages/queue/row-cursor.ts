/** The active row and the selection: the active row is remembered by its incident, so that it stays with it. */

/**
 * The incident that becomes active when the cursor moves by `rows` from `active`; the first or last at the ends.
 * `rows` may be infinite: to the very end.
 */
export function moved(order: readonly number[], active: number | null, rows: number): number | null {
  if (order.length === 0) return null;
  const last = order.length - 1;
  const at = active === null ? -1 : order.indexOf(active);
  // From nowhere, a step enters at the near end.
  const from = at !== -1 || !Number.isFinite(rows) ? at : rows < 0 ? order.length : -1;
  return order[Math.min(last, Math.max(0, from + rows))] ?? null;
}

export type Selection = ReadonlySet<number>;

export function toggledIn(selection: Selection, id: number): Selection {
  const next = new Set(selection);
  if (!next.delete(id)) next.add(id);
  return next;
}

/** Selects all from `from` to `to` in the order shown, both included. */
export function withRange(selection: Selection, order: readonly number[], from: number, to: number): Selection {
  const [a, b] = [order.indexOf(from), order.indexOf(to)];
  if (a === -1 || b === -1) return toggledIn(selection, to);
  return new Set([...selection, ...order.slice(Math.min(a, b), Math.max(a, b) + 1)]);
}

/** Without those that are not in the list any more. */
export function stillListed(selection: Selection, listed: { has(id: number): boolean }): Selection {
  const left = [...selection].filter((id) => listed.has(id));
  return left.length === selection.size ? selection : new Set(left);
}
