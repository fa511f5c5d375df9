import type { Proportion, Quality } from "../../review/contract/quality.ts";
import type { TableName } from "../pages/quality/quality-tables.ts";
import type { Part, Quantile } from "../pages/quality/time-plot.ts";
import { counted, formatNumber, formatShare, formatSpan, plainName } from "./format.en.ts";
import { severityText } from "./severity.en.ts";

const parts = { pipeline: "pipeline", waiting: "waiting", handling: "handling" } satisfies Record<Part, string>;

/** "86.2 % (80–91)". */
function interval({ share, low, high }: Proportion): string {
  if (share === null || low === null || high === null) return "–";
  const bare = (value: number) => formatShare(value).replace(/\s*%$/u, "");
  return `${formatShare(share)} (${bare(low)}–${bare(high)})`;
}

const modelName = (model: string, version: string) => `${plainName(model)}@${plainName(version)}`;

export const qualityText = {
  failed: "The figures could not be read.",
  filters: "Filters",
  span: "Time",
  spans: { 1: "Last day", 7: "Last 7 days", 30: "Last 30 days", 90: "Last 90 days" },
  policy: "Policy",
  model: "Model",
  all: "All",
  show: "Show",
  plots: "Plots",
  tables: "Tables",
  csv: "CSV",
  csvOf: (name: TableName) => `${qualityText.title[name]} as CSV`,
  old: "These are older figures; the newest could not be read.",
  title: {
    precision: "Precision",
    times: "Time from capture to decision",
    targets: "Decided in time",
    missed: "Missed below the threshold",
    days: "Decisions a day",
  } satisfies Record<TableName, string>,
  explain: {
    precision:
      "Confirmed of the incidents decided one by one with their pictures, with the 95 % interval. Below 30 no figure is shown.",
    times:
      "Upper bars: half were faster. Lower bars: 19 of 20 were faster. The parts do not add up to the whole: few are slow in all of them.",
    targets: "Decided before their target, with the 95 % interval.",
    missed: "Violations among captures drawn at random below the threshold, with the 95 % interval.",
    days: "Confirmed and dismissed.",
  } satisfies Record<TableName, string>,
  none: "Nothing was decided in this time.",
  noneSampled: "No sampled capture was decided in this time.",
  tooFew: (of: number) => `too few (${formatNumber(of)})`,
  interval,
  of: (of: number) => `of ${formatNumber(of)}`,
  modelName,
  policyName: (version: string) => `policy ${plainName(version)}`,
  quantile: { p50: "half within", p95: "19 of 20 within" } satisfies Record<Quantile, string>,
  part: parts,
  duration: (ms: number) => (ms < 10_000 ? `${(ms / 1_000).toFixed(1)} s` : formatSpan(ms)),
  column: {
    category: "Category",
    model: "Model",
    policy: "Policy",
    severity: "Severity",
    confirmed: "Confirmed",
    dismissed: "Dismissed",
    met: "In time",
    violations: "Violations",
    of: "Of",
    share: "Share",
    interval: "95 % interval",
    decisions: "Decisions",
    day: "Day",
    total: "whole",
    quantiles: "half, 19 of 20 within",
  },
  range: ({ low, high }: Proportion) =>
    low === null || high === null ? "–" : `${formatShare(low)} to ${formatShare(high)}`,
  sentence: {
    precision: (rows: Quality["precision"]) => {
      const count = rows.reduce((sum, { confirmed }) => sum + confirmed.count, 0);
      const of = rows.reduce((sum, { confirmed }) => sum + confirmed.of, 0);
      return `${formatNumber(count)} of ${counted(of, "finding", "findings")} that were decided were confirmed: ${formatShare(count / of)}.`;
    },
    times: ({ severity, total }: Quality["times"][number]) =>
      `${severityText[severity]}: half were decided within ${formatSpan(total.p50Ms ?? 0)} of capture, 19 of 20 within ${formatSpan(total.p95Ms ?? 0)}.`,
    targets: (severity: Quality["targets"][number]["severity"], met: Proportion) =>
      `${severityText[severity]}: ${interval(met)} in time.`,
    missed: (policyVersion: string, violations: Proportion) =>
      `Under policy ${plainName(policyVersion)} ${formatNumber(violations.count)} of ${counted(violations.of, "sampled capture was a violation", "sampled captures were violations")}.`,
    days: (days: Quality["days"]) => {
      const confirmed = days.reduce((sum, day) => sum + day.confirmed, 0);
      const all = days.reduce((sum, day) => sum + day.confirmed + day.dismissed, 0);
      return `${counted(all, "decision", "decisions")} on ${counted(days.length, "day", "days")}, ${formatNumber(confirmed)} of them confirmed.`;
    },
  },
};
