import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import type { Quality } from "../../../review/contract/quality.ts";
import { tokenColour } from "../../components/token-colour.ts";
import { preferences } from "../../session/preferences.ts";
import { qualityText } from "../../strings/quality.en.ts";
import "uplot/dist/uPlot.min.css";

const heightPx = 220;

/** Decisions a day as two lines, told apart by their dashes too. */
export function DayChart({ days, label }: { days: Quality["days"]; label: string }) {
  const place = useRef<HTMLDivElement>(null);
  const theme = preferences.value?.theme;
  // The lines are painted on a canvas: another theme is another painting.
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const chart = new uPlot(optionsFor(element), dataOf(days), element);
    const sized = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height: heightPx }));
    sized.observe(element);
    return () => {
      sized.disconnect();
      chart.destroy();
    };
  }, [days, theme]);
  return <div ref={place} class="day-chart" role="img" aria-label={label} />;
}

function dataOf(days: Quality["days"]): uPlot.AlignedData {
  return [
    days.map(({ day }) => Date.parse(`${day}T00:00:00Z`) / 1_000),
    days.map(({ confirmed }) => confirmed),
    days.map(({ dismissed }) => dismissed),
  ];
}

function optionsFor(element: HTMLElement): uPlot.Options {
  const axis = { stroke: tokenColour(element, "--muted"), grid: { stroke: tokenColour(element, "--line"), width: 1 } };
  const points = { show: true, size: 6 };
  return {
    width: element.clientWidth,
    height: heightPx,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1_000), "UTC"),
    scales: { y: { range: (_chart, _min, max) => [0, Math.max(1, max * 1.1)] } },
    axes: [{ ...axis, space: 64, values: [[86_400, "{D} {MMM}", null, null, null, null, null, null, 0]] }, axis],
    series: [
      { label: qualityText.column.day, value: "{D} {MMM} {YYYY}" },
      {
        label: qualityText.column.confirmed,
        stroke: tokenColour(element, "--series-fetch"),
        width: 2,
        points,
      },
      {
        label: qualityText.column.dismissed,
        stroke: tokenColour(element, "--series-preprocess"),
        width: 2,
        dash: [6, 4],
        points,
      },
    ],
  };
}
