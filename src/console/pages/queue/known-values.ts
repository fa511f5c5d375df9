/** What filters can be chosen from: what the policy names and what the listed rows have. */
import type { Me } from "../../../review/contract/me.ts";
import type { QueueFilters } from "./filters.ts";
import type { Rows } from "./row-store.ts";

export interface KnownValues {
  categories: string[];
  models: string[];
  policyVersions: string[];
}

/** Those chosen already are always among them, so that they can be taken away. */
export function knownValues(rows: Rows, filters: QueueFilters, me: Me | null): KnownValues {
  const incidents = [...rows.byId.values()].map(({ incident }) => incident);
  return {
    categories: sorted([
      ...(me?.categories.map(({ category }) => category) ?? []),
      ...incidents.map(({ category }) => category),
      ...filters.category,
    ]),
    models: sorted([...incidents.map(({ model }) => model), ...filters.model]),
    policyVersions: sorted([
      ...(me ? [me.policyVersion] : []),
      ...incidents.map(({ policyVersion }) => policyVersion),
      ...(filters.policyVersion === null ? [] : [filters.policyVersion]),
    ]),
  };
}

const sorted = (values: string[]) => [...new Set(values)].toSorted((a, b) => a.localeCompare(b));
