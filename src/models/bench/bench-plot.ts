/**
 * Throughput against latency, one self-contained SVG: a dot is the median at one load, the line above it goes up to
 * the 99th percentile; a sweep of concurrencies is joined, rates stand by themselves as squares.
 */
import { loadInWords } from "./load.ts";
import type { BenchReport, LoadResult, Measurement } from "./measurement.ts";
import { linearTicks, logarithmicTicks } from "./ticks.ts";

const size = { width: 860, height: 520 };
const plot = { left: 70, right: 830, top: 76, bottom: 462 };
/** Told apart by people who do not see all colours; the second set is for dark pages (after Okabe and Ito). */
const colours = {
  light: ["#0072b2", "#d55e00", "#007a5a", "#a3478b", "#8a6d00", "#3d5a80"],
  dark: ["#56b4e9", "#ff9c55", "#2ec4a0", "#e39cc8", "#e6c229", "#9fb7d9"],
};

interface Point {
  load: LoadResult["load"];
  result: Measurement;
}

export function benchPlot(report: Pick<BenchReport, "results" | "models" | "server" | "measuredAt">): string {
  const measured = report.results.flatMap(({ model, load, result }) =>
    result.outcome === "measured" ? [{ model, load, result }] : [],
  );
  const across = linearTicks(Math.max(1, ...measured.map(({ result }) => result.picturesPerSecond)));
  const up = logarithmicTicks(
    Math.min(...measured.map(({ result }) => result.latencyMs.p50)),
    Math.max(...measured.map(({ result }) => result.latencyMs.p99)),
  );
  const x = (value: number) => plot.left + ((plot.right - plot.left) * value) / (across.at(-1) ?? 1);
  const [lowest, highest] = [Math.log(up.at(0) ?? 1), Math.log(up.at(-1) ?? 10)];
  const y = (value: number) =>
    plot.bottom - ((plot.bottom - plot.top) * (Math.log(value) - lowest)) / (highest - lowest);
  const names = report.models.map(({ name }) => name);
  const series = names.map((name, index) =>
    seriesOf(
      name,
      index % colours.light.length,
      measured.filter(({ model }) => model === name),
      { x, y },
    ),
  );
  const what = `Throughput against latency of ${names.join(", ")}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" role="img" aria-labelledby="title about">
<title id="title">${text(what)}</title>
<desc id="about">${text(`${report.server}, ${report.measuredAt}. Dots are medians; lines go up to the 99th percentile.`)}</desc>
<style>
${styles("light")}
@media (prefers-color-scheme: dark) {
${styles("dark")}
}
text { font: 13px system-ui, sans-serif }
.load { font-size: 11px }
.grid { stroke-width: 1 }
.sweep { fill: none; stroke-width: 2 }
.tail { stroke-width: 1.5; opacity: 0.6 }
</style>
<rect class="page" width="${size.width}" height="${size.height}"/>
${across.map((value) => gridLine(x(value), plot.bottom, x(value), plot.top) + label(x(value), plot.bottom + 18, "middle", String(value))).join("\n")}
${up.map((value) => gridLine(plot.left, y(value), plot.right, y(value)) + label(plot.left - 8, y(value) + 4, "end", String(value))).join("\n")}
${label((plot.left + plot.right) / 2, size.height - 14, "middle", "pictures per second")}
${label(plot.left - 8, plot.top - 14, "start", "latency, ms (dot: median; line: up to the 99th percentile; square: at a rate)")}
${legend(names)}
${series.join("\n")}
</svg>
`;
}

function seriesOf(
  name: string,
  colour: number,
  points: readonly Point[],
  { x, y }: { x: (value: number) => number; y: (value: number) => number },
): string {
  const placed = points.map(({ load, result }) => ({
    load,
    at: [round(x(result.picturesPerSecond)), round(y(result.latencyMs.p50))] as const,
    tail: round(y(result.latencyMs.p99)),
    words: `${name}, ${loadInWords(load)}: ${result.picturesPerSecond.toFixed(1)} pictures/s, median ${result.latencyMs.p50.toFixed(1)} ms, 99 % within ${result.latencyMs.p99.toFixed(1)} ms`,
  }));
  const sweep = placed.filter(({ load }) => load.kind === "concurrency").map(({ at }) => at.join(","));
  const marks = placed.map(({ load, at: [left, top], tail, words }) => {
    const mark =
      load.kind === "concurrency"
        ? `<circle class="fill${colour}" cx="${left}" cy="${top}" r="4"/>${label(left + 7, top + 13, "start", String(load.requests), "load")}`
        : `<rect class="stroke${colour} page" stroke-width="2" x="${left - 4}" y="${top - 4}" width="8" height="8"/>`;
    const line = `<line class="stroke${colour} tail" x1="${left}" y1="${top}" x2="${left}" y2="${tail}"/>`;
    return `<g><title>${text(words)}</title>${line}${mark}</g>`;
  });
  return `<g>${sweep.length > 1 ? `<polyline class="sweep stroke${colour}" points="${sweep.join(" ")}"/>` : ""}\n${marks.join("\n")}</g>`;
}

function legend(names: readonly string[]): string {
  const step = Math.min(240, (plot.right - plot.left) / Math.max(1, names.length));
  return names
    .map((name, index) => {
      const left = plot.left + index * step;
      const dot = `<circle class="fill${index % colours.light.length}" cx="${round(left)}" cy="24" r="5"/>`;
      return dot + label(left + 12, 28, "start", name);
    })
    .join("\n");
}

function styles(scheme: keyof typeof colours): string {
  const [page, ink, grid] = scheme === "light" ? ["#ffffff", "#30343b", "#e3e5e9"] : ["#15181d", "#d4d8df", "#30353d"];
  const each = colours[scheme].map(
    (colour, index) => `.fill${index} { fill: ${colour} } .stroke${index} { stroke: ${colour} }`,
  );
  return `.page { fill: ${page} } text { fill: ${ink} } .grid { stroke: ${grid} }\n${each.join("\n")}`;
}

function gridLine(x1: number, y1: number, x2: number, y2: number): string {
  return `<line class="grid" x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}"/>`;
}

function label(x: number, y: number, anchor: "start" | "middle" | "end", words: string, kind?: string): string {
  const place = `x="${round(x)}" y="${round(y)}" text-anchor="${anchor}"`;
  return `<text${kind ? ` class="${kind}"` : ""} ${place}>${text(words)}</text>`;
}

function text(words: string): string {
  return words.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
