/** What a line of the activity log carries besides who, what and when, as pairs to show. */

export interface Detail {
  name: string;
  /** null: the line tells only what there is now. */
  from: string | null;
  to: string;
}

/** Pairs in the order of the line; a change from one object to another gives a pair for each value that differs. */
export function detailsOf(details: Readonly<Record<string, unknown>>): Detail[] {
  const { from, to, ...rest } = details;
  return [...changes(from, to), ...Object.entries(rest).flatMap(([name, value]) => plain(name, value))];
}

function changes(from: unknown, to: unknown): Detail[] {
  if (isRecord(from) && isRecord(to)) {
    const names = [...new Set([...Object.keys(from), ...Object.keys(to)])];
    return names
      .map((name) => ({ name, from: textOf(from[name]), to: textOf(to[name]) }))
      .filter((change) => change.from !== change.to);
  }
  if (from === undefined && to === undefined) return [];
  if (from !== undefined && to !== undefined) return [{ name: "", from: textOf(from), to: textOf(to) }];
  return from === undefined ? plain("to", to) : plain("from", from);
}

/** What says nothing is left out, and so are ids that stand beside a name. */
function plain(name: string, value: unknown): Detail[] {
  const nothing = value === null || value === undefined || value === "" || value === false;
  return nothing || name === "id" || name === "decisionId" ? [] : [{ name, from: null, to: textOf(value) }];
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return "–";
  if (Array.isArray(value)) return value.length === 0 ? "–" : value.map(textOf).join(", ");
  if (!isRecord(value)) return String(value);
  const { label } = value;
  return typeof label === "string" ? label : JSON.stringify(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
