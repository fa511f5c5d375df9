/** The six charts, from an hour of samples. Pure. */
import type { OpsHistory, OpsStage } from "../../../../review/contract/ops.ts";
import { opsText } from "../../../strings/ops.en.ts";
import { opsChartText as text } from "../../../strings/ops-charts.en.ts";
import { stages } from "../stages.ts";
import type { ChartLine, ChartMark, ChartPicture } from "./chart-picture.ts";
import type { OpsHour } from "./join-history.ts";
import type { Telling } from "./spans.ts";
import { alongTimeline, type Timeline } from "./timeline.ts";

export const chartNames = ["flow", "age", "depth", "replicas", "service", "busy"] as const;
export type ChartName = (typeof chartNames)[number];

export interface NamedChart {
  name: ChartName;
  picture: ChartPicture;
  words: (value: number) => string;
  telling: Telling;
}

export interface ChartGround {
  history: OpsHour;
  timeline: Timeline;
  /** The pool that charts 4 and 5 are about. */
  chosen: OpsStage;
  marks: readonly ChartMark[];
  unfinished: boolean;
}

/** A second cue beside the colour. */
const dashes = { fetch: [], preprocess: [8, 4], infer: [2, 3], postprocess: [8, 3, 2, 3] } satisfies Record<
  OpsStage,
  number[]
>;

export function chartsOf(ground: ChartGround): NamedChart[] {
  const { history, chosen } = ground;
  const pool = history.pools[chosen];
  const line = lineOn(ground);
  const ofPools = (read: (history: OpsHistory["pools"][OpsStage]) => readonly (number | null)[]) =>
    stages.map((stage) =>
      line(
        { key: stage, label: opsText.stage[stage], token: `--series-${stage}`, dash: dashes[stage] },
        read(history.pools[stage]),
      ),
    );
  const { flow } = history;
  const goalMs = pool.goalMs.findLast((value) => value !== null) ?? null;
  const seconds = (value: number) => opsText.seconds(value * 1000);
  const ageGoal =
    goalMs === null
      ? undefined
      : { value: goalMs / 1000, label: text.goal(opsText.stage[chosen], opsText.goal(goalMs)) };
  const picture = (lines: ChartLine[], rest: Pick<ChartPicture, "scale" | "axis" | "goal">): ChartPicture => ({
    timeline: ground.timeline,
    marks: ground.marks,
    unfinished: ground.unfinished,
    lines,
    ...rest,
  });
  return [
    {
      name: "flow",
      telling: "mean",
      words: opsText.rate,
      picture: picture(
        [
          line({ key: "in", label: text.line.in, token: "--text", dash: [] }, flow.in),
          line({ key: "clean", label: text.line.clean, token: "--series-fetch", dash: [8, 4] }, flow.clean),
          line({ key: "flagged", label: text.line.flagged, token: "--series-preprocess", dash: [2, 3] }, flow.flagged),
          line(
            { key: "unprocessable", label: text.line.unprocessable, token: "--series-infer", dash: [8, 3, 2, 3] },
            flow.unprocessable,
          ),
          line({ key: "expired", label: text.line.expired, token: "--red", dash: [4, 4] }, flow.expired),
        ],
        { scale: { kind: "linear", leastTop: 5 }, axis: opsText.number },
      ),
    },
    {
      name: "age",
      telling: "most",
      words: seconds,
      picture: picture(
        ofPools(({ oldestAgeMs }) => oldestAgeMs.map((ms) => (ms === null ? null : ms / 1000))),
        { scale: { kind: "log", floor: 0.01 }, axis: text.axisSeconds, goal: ageGoal },
      ),
    },
    {
      name: "depth",
      telling: "most",
      words: opsText.number,
      picture: picture(
        ofPools(({ depth }) => depth),
        { scale: { kind: "linear", leastTop: 10 }, axis: text.axisCount },
      ),
    },
    {
      name: "replicas",
      telling: "last",
      words: opsText.number,
      picture: picture(
        [
          line({ key: "wanted", label: text.line.wanted, token: "--text", dash: [6, 4], stepped: true }, pool.wanted),
          line(
            { key: "running", label: text.line.running, token: `--series-${chosen}`, dash: [], stepped: true },
            pool.running,
          ),
          line({ key: "min", label: text.line.min, token: "--muted", dash: [1, 4], stepped: true }, pool.min),
          line({ key: "max", label: text.line.max, token: "--muted", dash: [1, 4], stepped: true }, pool.max),
        ],
        { scale: { kind: "linear", leastTop: 3 }, axis: text.axisWhole },
      ),
    },
    {
      name: "service",
      telling: "mean",
      words: opsText.millis,
      picture: picture(
        [
          line({ key: "p50", label: text.line.p50, token: `--series-${chosen}`, dash: [] }, pool.serviceP50Ms),
          line({ key: "p95", label: text.line.p95, token: "--text", dash: [8, 4] }, pool.serviceP95Ms),
          line({ key: "waiting", label: text.line.waiting, token: "--muted", dash: [2, 3] }, pool.waitingP95Ms),
        ],
        { scale: { kind: "linear", leastTop: 10 }, axis: text.axisCount },
      ),
    },
    {
      name: "busy",
      telling: "mean",
      words: (value) => opsText.percent(value / 100),
      picture: picture(
        ofPools(({ busy }) => busy.map((share) => (share === null ? null : share * 100))),
        { scale: { kind: "linear", leastTop: 100, top: 100 }, axis: text.axisPercent },
      ),
    },
  ];
}

const lineOn =
  ({ timeline }: ChartGround) =>
  (line: Omit<ChartLine, "values">, column: readonly (number | null)[]): ChartLine => ({
    ...line,
    values: alongTimeline(timeline, column, (value) => value),
  });
