/**
 * What the Queue shows, as the address says it: `?severity=high&severity=severe&search=8812`. An address without
 * states means everything that is not closed.
 */
import type {
  IncidentFilters,
  IncidentKind,
  IncidentState,
  IncidentSummary,
} from "../../../review/contract/incident.ts";

export type Severity = IncidentSummary["severity"];

export const severities = ["severe", "high", "medium", "low"] as const satisfies readonly Severity[];
export const states = ["open", "assigned", "escalated", "closed"] as const satisfies readonly IncidentState[];
export const kinds = ["flagged", "sampled"] as const satisfies readonly IncidentKind[];
const unclosed: readonly IncidentState[] = ["open", "assigned", "escalated"];

export const groupings = ["stream", "category", "policyVersion"] as const;
export type Grouping = (typeof groupings)[number];

export interface QueueFilters {
  /** Part of a stream id or title, or a whole capture id. */
  search: string;
  severity: readonly Severity[];
  category: readonly string[];
  /** Empty: all that are not closed. */
  state: readonly IncidentState[];
  model: readonly string[];
  policyVersion: string | null;
  kind: IncidentKind | null;
  /** Id of the person who holds it. */
  holder: string | null;
}
export type FilterName = keyof QueueFilters;

export const noFilters: QueueFilters = {
  search: "",
  severity: [],
  category: [],
  state: [],
  model: [],
  policyVersion: null,
  kind: null,
  holder: null,
};

/** Reads the query of an address; what it does not understand is left out, since people edit addresses by hand. */
export function parseFilters(query: string): QueueFilters {
  const params = new URLSearchParams(query);
  return {
    search: (params.get("search") ?? "").slice(0, 256),
    severity: among(params.getAll("severity"), severities),
    category: texts(params.getAll("category")),
    state: among(params.getAll("state"), states),
    model: texts(params.getAll("model")),
    policyVersion: params.get("policyVersion"),
    kind: among(params.getAll("kind"), kinds)[0] ?? null,
    holder: params.get("holder"),
  };
}

/** The query of an address, without "?", in one order, so that the same filters give the same address. */
export function formatFilters(filters: QueueFilters): string {
  const params = new URLSearchParams();
  if (filters.search !== "") params.append("search", filters.search);
  for (const name of ["severity", "category", "state", "model"] as const)
    for (const value of filters[name]) params.append(name, value);
  for (const name of ["policyVersion", "kind", "holder"] as const) {
    const value = filters[name];
    if (value !== null) params.append(name, value);
  }
  return params.toString();
}

export function parseGrouping(query: string): Grouping | null {
  return among(new URLSearchParams(query).getAll("group"), groupings)[0] ?? null;
}

/** The filters as the API takes them. */
export function requestOf(filters: QueueFilters): IncidentFilters {
  return {
    search: filters.search === "" ? undefined : filters.search,
    severity: filled(filters.severity),
    category: filled(filters.category),
    state: [...(filters.state.length === 0 ? unclosed : filters.state)],
    model: filled(filters.model),
    policyVersion: filters.policyVersion ?? undefined,
    kind: filters.kind ?? undefined,
    holder: filters.holder ?? undefined,
  };
}

/**
 * Whether an incident belongs in the list, as far as its row tells. A search may have found it by a capture id, which
 * rows do not carry: `found` says that the server has listed it.
 */
export function matches(filters: QueueFilters, row: IncidentSummary, found: boolean): boolean {
  return (
    (found || hasText(row, filters.search)) &&
    holds(filters.severity, row.severity) &&
    holds(filters.category, row.category) &&
    holds(filters.state.length === 0 ? unclosed : filters.state, row.state) &&
    holds(filters.model, row.model) &&
    (filters.policyVersion === null || filters.policyVersion === row.policyVersion) &&
    (filters.kind === null || filters.kind === row.kind) &&
    (filters.holder === null || filters.holder === row.holder?.id)
  );
}

/** Names of the filters that narrow the list, for the sentence on an empty one. */
export function activeFilters(filters: QueueFilters): FilterName[] {
  return (Object.keys(noFilters) as FilterName[]).filter((name) => (filters[name]?.length ?? 0) > 0);
}

export function withoutFilter(filters: QueueFilters, name: FilterName): QueueFilters {
  return { ...filters, [name]: noFilters[name] };
}

/** Adds the value to a list of a filter, or takes it out. */
export function toggled<Value extends string>(values: readonly Value[], value: Value): Value[] {
  return values.includes(value) ? values.filter((one) => one !== value) : [...values, value];
}

const among = <Value extends string>(given: string[], known: readonly Value[]) =>
  known.filter((value) => given.includes(value));

const texts = (given: string[]) => [...new Set(given.filter((value) => value !== "" && value.length <= 256))];

const filled = <Value>(values: readonly Value[]) => (values.length === 0 ? undefined : [...values]);

const holds = <Value>(values: readonly Value[], value: Value) => values.length === 0 || values.includes(value);

function hasText(row: IncidentSummary, search: string): boolean {
  const wanted = search.toLowerCase();
  return [row.stream.streamId, row.stream.title ?? ""].some((text) => text.toLowerCase().includes(wanted));
}
