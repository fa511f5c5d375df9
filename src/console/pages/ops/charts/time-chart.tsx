import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { chartOptions } from "./chart-options.ts";
import { type ChartPicture, chartHeightPx } from "./chart-picture.ts";
import { cursorAtS } from "./cursor.ts";
import { useTheme } from "./use-theme.ts";
import "uplot/dist/uPlot.min.css";
import "./time-chart.css";

/** Lines over time, painted; what it shows is also said in words and in a table beside it. */
export function TimeChart({ picture, label }: { picture: ChartPicture; label: string }) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const latest = useRef(picture);
  latest.current = picture;
  const theme = useTheme();
  const form = formOf(picture);
  // Colours are painted, so another theme is another painting; so are other lines.
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const drawn = new uPlot(
      chartOptions(element, () => latest.current),
      dataOf(latest.current),
      element,
    );
    chart.current = drawn;
    const sized = new ResizeObserver(() => drawn.setSize({ width: element.clientWidth, height: chartHeightPx }));
    sized.observe(element);
    return () => {
      sized.disconnect();
      drawn.destroy();
      chart.current = null;
      cursorAtS.value = null;
    };
  }, [theme, form]);
  useEffect(() => {
    chart.current?.setData(dataOf(picture));
  }, [picture]);
  return <div ref={place} class="time-chart" role="img" aria-label={label} />;
}

/** What needs another chart when it changes, rather than other data. */
const formOf = ({ lines, scale, unfinished, goal }: ChartPicture) =>
  JSON.stringify([
    lines.map(({ key, label, token, dash, stepped }) => [key, label, token, dash, stepped]),
    scale,
    unfinished,
    goal,
  ]);

/** Times, then each line up to its last finished point, then, where one is unfinished, the rest of each line. */
function dataOf({ timeline, lines, unfinished, scale }: ChartPicture): uPlot.AlignedData {
  const last = timeline.atS.length - 1;
  const shown = lines.map(({ values }) => values.map((value) => raised(value, scale)));
  const done = shown.map((values) => (unfinished ? values.map((value, at) => (at < last ? value : null)) : values));
  const rest = unfinished ? shown.map((values) => values.map((value, at) => (at < last - 1 ? null : value))) : [];
  return [timeline.atS, ...done, ...rest];
}

/** A logarithm has no place for 0: what is below the floor lies on it. */
function raised(value: number | null, scale: ChartPicture["scale"]): number | null {
  return value === null || scale.kind === "linear" ? value : Math.max(scale.floor, value);
}
