import { formatTime } from "../../../strings/format.en.ts";
import { opsChartText } from "../../../strings/ops-charts.en.ts";
import type { ChartLine, ChartMark, ChartPicture } from "./chart-picture.ts";
import { cursorAtS } from "./cursor.ts";

interface Props {
  picture: ChartPicture;
  words: (value: number) => string;
}

/** What the lines hold where any chart is pointed at, else now. For eyes; the table says the same to everybody. */
export function Readout({ picture: { timeline, lines, marks }, words }: Props) {
  const pointed = cursorAtS.value;
  const found = pointed === null ? -1 : timeline.atS.indexOf(pointed);
  const at = found < 0 ? timeline.atS.length - 1 : found;
  const atS = timeline.atS[at];
  return (
    <p class="ops-readout small" aria-hidden="true">
      <span class="muted">{found < 0 || atS === undefined ? opsChartText.nowAt : formatTime(atS * 1000)}</span>
      {found >= 0 && marks.filter((mark) => isAt(mark, atS)).map(({ label }) => <span key={label}>▼ {label}</span>)}
      {lines.map((line) => {
        const value = line.values[at] ?? null;
        return (
          <span key={line.key} class="ops-readout-line">
            <Swatch line={line} />
            <span class="muted">{line.label}</span> {value === null ? opsChartText.unknown : words(value)}
          </span>
        );
      })}
    </p>
  );
}

/** Marks and samples seldom fall on the same second. */
const nearS = 15;
const isAt = (mark: ChartMark, atS: number | undefined) => atS !== undefined && Math.abs(mark.atS - atS) <= nearS;

const Swatch = ({ line: { token, dash } }: { line: ChartLine }) => (
  <svg width="24" height="8" viewBox="0 0 24 8" aria-hidden="true">
    <line
      x1="0"
      x2="24"
      y1="4"
      y2="4"
      stroke-width="2"
      style={{ stroke: `var(${token})`, strokeDasharray: dash.join(" ") }}
    />
  </svg>
);
