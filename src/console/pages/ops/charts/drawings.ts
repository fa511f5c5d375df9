/** What charts show beside their lines: times without data, the goal, changes that were made, the lines' names. */
import type uPlot from "uplot";
import { opsChartText } from "../../../strings/ops-charts.en.ts";
import type { ChartLine, ChartMark, ChartPicture } from "./chart-picture.ts";
import { spread } from "./spread.ts";

export interface Palette {
  text: string;
  muted: string;
  line: string;
  ground: string;
  /** In the order of the lines. */
  lines: readonly string[];
  font: string;
}

const hatchPx = 7;

/** Hatched, since nothing is known there: neither that it was 0 nor that it was not. */
export function drawGaps(chart: uPlot, gaps: readonly (readonly [number, number])[], { muted }: Palette): void {
  const { ctx, bbox } = chart;
  const ratio = devicePixelRatio;
  for (const [fromS, toS] of gaps) {
    const left = Math.max(bbox.left, chart.valToPos(fromS, "x", true));
    const right = Math.min(bbox.left + bbox.width, chart.valToPos(toS, "x", true));
    if (right <= left) continue;
    ctx.save();
    ctx.beginPath();
    ctx.rect(left, bbox.top, right - left, bbox.height);
    ctx.clip();
    ctx.strokeStyle = muted;
    ctx.globalAlpha = 0.35;
    ctx.lineWidth = ratio;
    ctx.beginPath();
    for (let x = left - bbox.height; x < right; x += hatchPx * ratio) {
      ctx.moveTo(x, bbox.top + bbox.height);
      ctx.lineTo(x + bbox.height, bbox.top);
    }
    ctx.stroke();
    ctx.restore();
    if (right - left > 96 * ratio) writeAcross(chart, opsChartText.noData, (left + right) / 2, muted);
  }
}

function writeAcross(chart: uPlot, words: string, x: number, colour: string): void {
  const { ctx, bbox, root } = chart;
  ctx.save();
  ctx.font = `${11 * devicePixelRatio}px ${getComputedStyle(root).fontFamily}`;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  const width = ctx.measureText(words).width + 12 * devicePixelRatio;
  const y = bbox.top + bbox.height / 2;
  ctx.clearRect(x - width / 2, y - 9 * devicePixelRatio, width, 18 * devicePixelRatio);
  ctx.fillStyle = colour;
  ctx.fillText(words, x, y);
  ctx.restore();
}

export function drawGoal(chart: uPlot, goal: ChartPicture["goal"], { muted, font }: Palette): void {
  if (!goal) return;
  const { ctx, bbox } = chart;
  const y = chart.valToPos(goal.value, "y", true);
  ctx.save();
  ctx.strokeStyle = muted;
  ctx.fillStyle = muted;
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([8 * devicePixelRatio, 4 * devicePixelRatio]);
  line(ctx, bbox.left, y, bbox.left + bbox.width, y);
  ctx.font = `${11 * devicePixelRatio}px ${font}`;
  ctx.textAlign = "left";
  ctx.textBaseline = "bottom";
  ctx.fillText(goal.label, bbox.left + 4 * devicePixelRatio, y - 2 * devicePixelRatio);
  ctx.restore();
}

/** A thin line down from a small triangle, for each change. */
export function drawMarks(chart: uPlot, marks: readonly ChartMark[], { text }: Palette): void {
  const { ctx, bbox } = chart;
  const ratio = devicePixelRatio;
  ctx.save();
  ctx.strokeStyle = text;
  ctx.fillStyle = text;
  ctx.lineWidth = ratio;
  ctx.setLineDash([]);
  for (const { atS } of marks) {
    const x = Math.round(chart.valToPos(atS, "x", true));
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.globalAlpha = 0.5;
    line(ctx, x, bbox.top, x, bbox.top + bbox.height);
    ctx.globalAlpha = 1;
    ctx.beginPath();
    ctx.moveTo(x - 4 * ratio, bbox.top - 7 * ratio);
    ctx.lineTo(x + 4 * ratio, bbox.top - 7 * ratio);
    ctx.lineTo(x, bbox.top);
    ctx.fill();
  }
  ctx.restore();
}

const nameHeightPx = 14;

/** At each line's end its name, moved apart where lines end together. */
export function drawNames(chart: uPlot, lines: readonly ChartLine[], palette: Palette): void {
  const { ctx, bbox } = chart;
  const ratio = devicePixelRatio;
  const ends = lines.flatMap(({ label, values }, at) => {
    const last = values.findLast((value) => value !== null);
    if (last == null) return [];
    const floor = chart.scales.y?.min ?? 0;
    return [{ label, colour: palette.lines[at] ?? palette.text, y: chart.valToPos(Math.max(floor, last), "y", true) }];
  });
  const top = bbox.top;
  const places = spread(
    ends.map(({ y }) => y),
    nameHeightPx * ratio,
    top,
    top + bbox.height,
  );
  ctx.save();
  ctx.font = `${11 * ratio}px ${palette.font}`;
  ctx.textAlign = "left";
  ctx.textBaseline = "middle";
  for (const [at, { label, colour }] of ends.entries()) {
    ctx.fillStyle = colour;
    ctx.fillText(label, bbox.left + bbox.width + 8 * ratio, places[at] ?? top);
  }
  ctx.restore();
}

function line(ctx: CanvasRenderingContext2D, fromX: number, fromY: number, toX: number, toY: number): void {
  ctx.beginPath();
  ctx.moveTo(fromX, fromY);
  ctx.lineTo(toX, toY);
  ctx.stroke();
}
