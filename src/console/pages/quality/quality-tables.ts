/** The figures of quality as plain tables, one per plot: what CSV carries. Names of columns are part of that format. */
import type { Proportion, Quality } from "../../../review/contract/quality.ts";
import type { Cell, Table } from "./csv.ts";
import { parts } from "./time-plot.ts";

export const tableNames = ["precision", "times", "targets", "missed", "days"] as const;
export type TableName = (typeof tableNames)[number];

export function qualityTables(quality: Quality): Record<TableName, Table> {
  return {
    precision: {
      columns: ["category", "model", "model_version", "policy_version", "confirmed", ...proportionColumns],
      rows: quality.precision.map(({ category, model, modelVersion, policyVersion, confirmed }) => [
        category,
        model,
        modelVersion,
        policyVersion,
        ...proportionCells(confirmed),
      ]),
    },
    times: {
      columns: [
        "severity",
        "decisions",
        ...[...parts, "total"].flatMap((part) => [`${part}_p50_ms`, `${part}_p95_ms`]),
      ],
      rows: quality.times.map((time) => [
        time.severity,
        time.total.count,
        ...[time.pipeline, time.waiting, time.handling, time.total].flatMap(({ p50Ms, p95Ms }) => [p50Ms, p95Ms]),
      ]),
    },
    targets: {
      columns: ["severity", "met", ...proportionColumns],
      rows: quality.targets.map(({ severity, met }) => [severity, ...proportionCells(met)]),
    },
    missed: {
      columns: ["policy_version", "violations", ...proportionColumns],
      rows: quality.missed.map(({ policyVersion, violations }) => [policyVersion, ...proportionCells(violations)]),
    },
    days: {
      columns: ["day", "confirmed", "dismissed"],
      rows: quality.days.map(({ day, confirmed, dismissed }) => [day, confirmed, dismissed]),
    },
  };
}

const proportionColumns = ["of", "share", "low_95", "high_95"];

const proportionCells = ({ count, of, share, low, high }: Proportion): Cell[] => [count, of, share, low, high];
