import type { Holding, Level, OpsPool, OpsStage } from "../../review/contract/ops.ts";
import { counted, formatNumber, formatShare, formatSpan } from "./format.en.ts";

/** "4.1 s", "0.2 s", "68 s", "12 min": short, for boxes and tables. */
function seconds(ms: number): string {
  if (ms === 0) return "0 s";
  if (ms < 100_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
  return formatSpan(ms);
}

/** A goal: "3 s", "2.5 s". */
const goal = (ms: number) => `${Number((ms / 1000).toFixed(1))} s`;

/** "212/s", "0.4/s". */
const rate = (perSecond: number) =>
  `${perSecond > 0 && perSecond < 10 ? perSecond.toFixed(1) : formatNumber(Math.round(perSecond))}/s`;
const millis = (ms: number) => `${ms > 0 && ms < 10 ? ms.toFixed(1) : formatNumber(Math.round(ms))} ms`;
/** A share in 0..1 as "61 %". */
const percent = (share: number) => `${Math.round(share * 100)}\u00a0%`;

/** Texts of the Ops page that are not of its charts or of tuning. */
export const opsText = {
  unknown: "–",
  seconds,
  goal,
  rate,
  millis,
  percent,
  number: formatNumber,
  failed: "How the pipeline stands could not be read.",
  old: "These figures are old. Nothing can be changed until newer ones come.",
  /** Where the sentence says already that they are old. */
  oldToo: "Nothing can be changed until newer ones come.",
  age: (ms: number) => `data ${seconds(ms)} old`,
  level: { normal: "", warning: "warning", breach: "breach" } satisfies Record<Level, string>,
  paused: "paused",
  forLong: (ms: number) => `for ${formatSpan(ms)}`,
  stage: {
    fetch: "fetch",
    preprocess: "preprocess",
    infer: "infer",
    postprocess: "postprocess",
  } satisfies Record<OpsStage, string>,
  flow: {
    title: "Flow",
    source: "Pub/Sub",
    sink: "Verdicts",
    held: (held: number, most: number) => `${formatNumber(held)} of ${formatNumber(most)} held`,
    full: "ingress is full: more waits in Pub/Sub",
    noIngress: "no ingress runs",
    ingress: (count: number) => counted(count, "ingress", "ingresses"),
    goOn: "go on",
    noVerdicts: "none in five minutes",
    replicas: (running: number, wanted: number | null) =>
      wanted === null ? `${formatNumber(running)} running` : `${formatNumber(running)} of ${formatNumber(wanted)}`,
    depth: (depth: number) => `${formatNumber(depth)} deep`,
    oldest: (age: string) => `oldest ${age}`,
    goal: (goal: string) => `goal ${goal}`.replaceAll(" ", "\u00a0"),
    busy: (share: string) => `busy ${share}`,
    service: (p50: string, p95: string) => `${p50}, ${p95}`,
    endToEnd: (p95: string) => `p95 end to end ${p95}`,
    expired: (count: number) => `expired ${formatNumber(count)}`,
    share: (name: string, share: number) => `${name} ${formatShare(share)}`,
    lastFive: "in five minutes",
  },
  numbers: {
    title: "Numbers",
    pool: "Pool",
    oldest: "Oldest",
    depth: "Depth",
    inFlight: "In flight",
    drain: "Drains in",
    in: "In",
    out: "Out",
    service: "Service p50, p95",
    waiting: "Waiting p95",
    busy: "Busy",
    replicas: "Running of wanted",
    between: "Between",
    holding: "Held by",
    versions: "Workers on",
    ofGoal: (value: string, goal: string) => `${value} of ${goal}`,
    starting: (count: number) => `${formatNumber(count)} starting`,
    draining: (count: number) => `${formatNumber(count)} draining`,
    version: (version: number, processes: number) => `${formatNumber(processes)} on v${version}`,
    never: "never at this rate",
  },
  holding: {
    none: "nothing",
    limit: "its limit",
    goal: "its goal",
    "next-full": "the next pool",
    paused: "a pause",
  } satisfies Record<Holding, string>,
  reason: ({ replicas }: OpsPool) => replicas.reason ?? "nobody scales this pool",
  scaler: (driver: string | null, by: string | null) =>
    driver === null
      ? "Nobody has decided on replicas within a minute."
      : `Replicas: ${driver}${by === null ? "" : `, ${by}`}.`,
  charts: "Last hour",
  models: {
    title: "Models",
    model: "Model",
    state: "State",
    servers: "Servers",
    rate: "Captures",
    batch: "Mean batch",
    queue: "Queue",
    compute: "Compute",
    failed: "Failed",
    none: "No model server is known.",
    failedToRead: "The models could not be read.",
    states: { ready: "ready", loading: "loading", unavailable: "unavailable" },
  },
  queues: "Queues (bull-board, read only)",
};
