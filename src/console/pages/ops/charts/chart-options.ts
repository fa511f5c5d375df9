import uPlot from "uplot";
import { tokenColour } from "../../../components/token-colour.ts";
import { formatMinute } from "../../../strings/format.en.ts";
import { type ChartPicture, chartHeightPx } from "./chart-picture.ts";
import { cursorAtS } from "./cursor.ts";
import { drawGaps, drawGoal, drawMarks, drawNames, type Palette } from "./drawings.ts";

/** Room at the right for the names of the lines. */
const namesPx = 92;
const syncKey = "ops";

/** What uPlot is told of a picture. Data and marks may change while the chart stands, so they are read anew each time. */
export function chartOptions(element: HTMLElement, read: () => ChartPicture): uPlot.Options {
  const { lines, unfinished, axis } = read();
  const colour = (token: string) => tokenColour(element, token);
  const palette: Palette = {
    text: colour("--text"),
    muted: colour("--muted"),
    line: colour("--line"),
    ground: colour("--chart"),
    lines: lines.map(({ token }) => colour(token)),
    font: getComputedStyle(element).fontFamily,
  };
  const ruler = {
    stroke: palette.muted,
    font: `11px ${palette.font}`,
    grid: { stroke: palette.line, width: 1 },
    ticks: { show: false },
  };
  return {
    width: element.clientWidth,
    height: chartHeightPx,
    padding: [12, namesPx, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      drag: { x: false, y: false },
      sync: { key: syncKey, setSeries: false },
      points: { size: 6 },
    },
    scales: { x: { time: true, range: () => rangeOfTime(read()) }, y: scaleOf(read) },
    axes: [
      { ...ruler, space: 56, size: 26, values: (_chart, splits) => splits.map((s) => formatMinute(s * 1000)) },
      {
        ...ruler,
        space: 32,
        size: 48,
        values: (_chart, splits) => splits.map((value) => (value === null ? "" : axis(value))),
        ...splitsOf(read()),
      },
    ],
    series: [
      {},
      ...lines.map((line, at) => ({ ...seriesOf(line, palette.lines[at]), width: 2, dash: [...line.dash] })),
      ...(unfinished ? lines : []).map((line, at) => ({
        ...seriesOf(line, palette.lines[at]),
        width: 1.5,
        dash: [2, 3],
      })),
    ],
    hooks: {
      drawAxes: [
        (chart) => drawGaps(chart, read().timeline.gaps, palette),
        (chart) => drawGoal(chart, read().goal, palette),
      ],
      draw: [(chart) => drawMarks(chart, read().marks, palette), (chart) => drawNames(chart, read().lines, palette)],
      setCursor: [
        ({ cursor: { idx, left = -1 }, data }) => {
          cursorAtS.value = left < 0 || idx == null ? null : (data[0][idx] ?? null);
        },
      ],
    },
  };
}

function seriesOf({ label, stepped }: ChartPicture["lines"][number], stroke: string | undefined): uPlot.Series {
  const paths = stepped ? uPlot.paths.stepped?.({ align: 1 }) : undefined;
  return { label, stroke, points: { show: false }, ...(paths && { paths }) };
}

const rangeOfTime = ({ timeline }: ChartPicture): [number, number] => [timeline.fromS, timeline.toS];

function scaleOf(read: () => ChartPicture): uPlot.Scale {
  const { scale } = read();
  if (scale.kind === "linear") {
    return {
      range: (_chart, _min, max) => {
        const { scale: now, goal } = read();
        const top = now.kind === "linear" ? (now.top ?? Math.max(now.leastTop, (max ?? 0) * 1.1)) : 1;
        return [0, Math.max(top, (goal?.value ?? 0) * 1.1)];
      },
    };
  }
  return {
    distr: 3,
    range: (_chart, _min, max) => [
      scale.floor,
      decadeAbove(Math.max(max ?? 0, read().goal?.value ?? 0, scale.floor * 10)),
    ],
  };
}

/** A logarithmic axis says its decades and nothing between. */
function splitsOf({ scale }: ChartPicture): Pick<uPlot.Axis, "splits"> {
  if (scale.kind === "linear") return {};
  return {
    splits: (_chart, _axis, min, max) => {
      const decades = Math.round(Math.log10(max / min));
      return Array.from({ length: decades + 1 }, (_, power) => Number((min * 10 ** power).toPrecision(1)));
    },
  };
}

const decadeAbove = (value: number) => 10 ** Math.ceil(Math.log10(value * 1.05));
