import type { OpsStage } from "../../review/contract/ops.ts";
import type { ChartName } from "../pages/ops/charts/pictures.ts";
import type { Telling } from "../pages/ops/charts/spans.ts";
import { formatList, formatNumber, formatSpan } from "./format.en.ts";

const titles = {
  flow: () => "1 Captures a second",
  age: () => "2 Oldest age, s",
  depth: () => "3 Depth, captures",
  replicas: (stage) => `4 Replicas of ${stage}`,
  service: (stage) => `5 Work and waiting in ${stage}, ms`,
  busy: () => "6 Busy, %",
} satisfies Record<ChartName, (stage: OpsStage) => string>;

/** "0.01", "0.1", "1", "1,000". */
const plain = (value: number) => (value < 1 ? String(value) : formatNumber(value));

/** What is said on and beside the charts of Ops. */
export const opsChartText = {
  title: (name: ChartName, stage: OpsStage) => titles[name](stage),
  failed: "The last hour could not be read.",
  noData: "no data",
  nothing: "Nothing was measured in the last hour.",
  unknown: "–",
  now: (parts: readonly string[]) => `Now ${parts.join(", ")}.`,
  nowAt: "now",
  sentence: {
    flow: (come: string, leave: string, expired: boolean) =>
      `${come} come, ${leave} leave. ${expired ? "Some expired in this hour." : "Nothing expired in this hour."}`,
    age: (label: string, most: string, over: readonly string[]) =>
      `Oldest in this hour: ${label}, ${most}. ${over.length === 0 ? "None is over the goal now." : `Over the goal now: ${formatList(over)}.`}`,
    most: (label: string, most: string) => `The most in this hour: ${label}, ${most}.`,
    replicas: (running: number | null, wanted: number | null, most: number | null) => {
      if (running === null) return "Nobody knows how many run.";
      const asWanted = wanted === null ? "" : `, ${formatNumber(wanted)} wanted`;
      return `${formatNumber(running)} run${asWanted}; at most ${formatNumber(most ?? running)} in this hour.`;
    },
    service: (work: string, waiting: string) => `The most in this hour, of 95 %: work ${work}, waiting ${waiting}.`,
  },
  missing: (ms: number) => (ms < 1000 ? "" : ` No data for ${formatSpan(ms)} of it.`),
  goal: (stage: string, goal: string) => `goal of ${stage}: ${goal}`,
  from: "From",
  painted: (title: string, present: string) => `${title}. ${present}`,
  asTable: "Table",
  asTableOf: (title: string) => `of ${title}`,
  telling: {
    mean: "Means of five minutes.",
    most: "The most of each five minutes.",
    last: "At the end of each five minutes.",
  } satisfies Record<Telling, string>,
  axisSeconds: plain,
  /** Thousands as "2k", so that axes stay narrow. */
  axisCount: (value: number) => (value >= 10_000 ? `${formatNumber(value / 1000)}k` : formatNumber(value)),
  /** Halves of a replica are none. */
  axisWhole: (value: number) => (Number.isInteger(value) ? formatNumber(value) : ""),
  axisPercent: (value: number) => `${value}`,
  line: {
    in: "in",
    clean: "clean",
    flagged: "flagged",
    unprocessable: "unprocess.",
    expired: "expired",
    wanted: "wanted",
    running: "running",
    min: "min",
    max: "max",
    p50: "work p50",
    p95: "work p95",
    waiting: "waiting p95",
  },
  mark: (version: number, who: string) => `v${version} ${who}`,
};
