/**
 * The rows of the Queue. They stand in the order in which they were last asked for, and nothing but a wish of the
 * person changes that order: what changes is written into its row, what has come is counted until it is asked for, and
 * what no longer matches stays, marked as gone, so that a click never meets another incident than the eye did.
 */
import type { IncidentSummary } from "../../../review/contract/incident.ts";

export interface QueueRow {
  readonly incident: IncidentSummary;
  /** Closed or changed since it was listed, so that the filters would no longer show it. */
  readonly gone: boolean;
}

export interface Rows {
  /** In the order shown. */
  readonly order: readonly number[];
  readonly byId: ReadonlyMap<number, QueueRow>;
  /** Come since the list was ordered, and not shown yet. */
  readonly pending: ReadonlyMap<number, IncidentSummary>;
  /** Matching incidents that the server counted beyond those listed here. */
  readonly beyond: number;
}

/** Whether an incident belongs in the list; `found`: the server has listed it. */
export type Matching = (incident: IncidentSummary, found: boolean) => boolean;

export type RowOrder = (a: IncidentSummary, b: IncidentSummary) => number;

export const noRows: Rows = { order: [], byId: new Map(), pending: new Map(), beyond: 0 };

/** Appends a page of the server's list, in its order; `total` is the server's count of all that match. */
export function withPage(rows: Rows, items: readonly IncidentSummary[], total: number): Rows {
  const byId = new Map(rows.byId);
  const pending = new Map(rows.pending);
  const order = [...rows.order];
  for (const incident of items) {
    pending.delete(incident.id);
    if (!byId.has(incident.id)) order.push(incident.id);
    byId.set(incident.id, { incident: newer(byId.get(incident.id)?.incident, incident), gone: false });
  }
  return { order, byId, pending, beyond: Math.max(0, total - order.length - pending.size) };
}

/** Writes changes into their rows, and puts what has come aside. An older change than the row's is passed over. */
export function withChanges(rows: Rows, changes: readonly IncidentSummary[], matches: Matching): Rows {
  const byId = new Map(rows.byId);
  const pending = new Map(rows.pending);
  for (const change of changes) {
    const shown = byId.get(change.id);
    if (shown) {
      if (isNewer(change, shown.incident)) byId.set(change.id, { incident: change, gone: !matches(change, true) });
    } else if (!matches(change, pending.has(change.id))) pending.delete(change.id);
    else if (isNewer(change, pending.get(change.id))) pending.set(change.id, change);
  }
  return { ...rows, byId, pending };
}

/**
 * Takes in a list that was read anew after live updates had been missed. Nothing moves: `complete` says that it holds
 * all that match, so that a row which is not in it is gone.
 */
export function withListing(rows: Rows, items: readonly IncidentSummary[], complete: boolean, matches: Matching): Rows {
  const changed = withChanges(rows, items, (incident) => matches(incident, true));
  if (!complete) return changed;
  const listed = new Set(items.map(({ id }) => id));
  const byId = new Map(changed.byId);
  for (const [id, row] of byId) if (!listed.has(id)) byId.set(id, { ...row, gone: true });
  const pending = new Map([...changed.pending].filter(([id]) => listed.has(id)));
  return { ...changed, byId, pending, beyond: 0 };
}

/** Brings the list up to date: what is gone leaves, what has come joins, all in the order asked for. */
export function broughtUpToDate(rows: Rows, compare: RowOrder): Rows {
  const stay = [...rows.byId.values()].filter(({ gone }) => !gone).map(({ incident }) => incident);
  const all = [...stay, ...rows.pending.values()].toSorted(compare);
  return {
    order: all.map(({ id }) => id),
    byId: new Map(all.map((incident) => [incident.id, { incident, gone: false }])),
    pending: new Map(),
    beyond: rows.beyond,
  };
}

/** How many match now, those included that are not listed yet. */
export function matchCount(rows: Rows): number {
  let gone = 0;
  for (const row of rows.byId.values()) if (row.gone) gone += 1;
  return rows.order.length - gone + rows.pending.size + rows.beyond;
}

/** Whether rows have changed places, or are gone, since the list was ordered. */
export function isOutOfOrder(rows: Rows, compare: RowOrder): boolean {
  let before: IncidentSummary | undefined;
  for (const id of rows.order) {
    const row = rows.byId.get(id);
    if (!row || row.gone) return true;
    if (before && compare(before, row.incident) > 0) return true;
    before = row.incident;
  }
  return false;
}

const isNewer = (change: IncidentSummary, than: IncidentSummary | undefined) =>
  than === undefined || change.changedAt >= than.changedAt;

const newer = (known: IncidentSummary | undefined, given: IncidentSummary) =>
  known && !isNewer(given, known) ? known : given;
