import type { OpsPool } from "../../../../review/contract/ops.ts";

/** How many worker processes work with a version, of how many there are. */
export function workersOn(pools: readonly Pick<OpsPool, "versions">[], version: number): { on: number; all: number } {
  const reports = pools.flatMap(({ versions }) => versions);
  const sum = (some: typeof reports) => some.reduce((total, { processes }) => total + processes, 0);
  return { on: sum(reports.filter((report) => report.version === version)), all: sum(reports) };
}
