/** What a chart shows: plain data, from which the painting, the words and the table are made. */
import type { Timeline } from "./timeline.ts";

export interface ChartLine {
  key: string;
  label: string;
  /** Of its colour, "--series-infer". */
  token: string;
  /** Lengths of dashes and gaps in px; none: solid. */
  dash: readonly number[];
  /** Drawn as steps: it jumps, and is nothing between. */
  stepped?: boolean;
  /** A value per point of the timeline; null: not known. */
  values: readonly (number | null)[];
}

export interface ChartMark {
  atS: number;
  label: string;
}

export interface ChartPicture {
  timeline: Timeline;
  lines: readonly ChartLine[];
  /** `log` begins at `floor`, below which nothing is told apart; `linear` begins at 0. */
  scale: { kind: "linear"; leastTop: number; top?: number } | { kind: "log"; floor: number };
  /** A goal that lines are held against. */
  goal?: { value: number; label: string };
  marks: readonly ChartMark[];
  /** The newest point is not over yet: the way to it is dashed and thin. */
  unfinished: boolean;
  /** A value as the axis says it. */
  axis: (value: number) => string;
}

export const chartHeightPx = 168;
