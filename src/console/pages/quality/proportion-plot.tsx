import type { ComponentChildren } from "preact";
import type { Proportion } from "../../../review/contract/quality.ts";
import { formatShare } from "../../strings/format.en.ts";
import { qualityText } from "../../strings/quality.en.ts";
import { markOf } from "./interval-plot.ts";

export interface PlotRow {
  key: string;
  label: ComponentChildren;
  value: Proportion;
}

const ticks = [0, 0.25, 0.5, 0.75, 1];

interface Props {
  rows: readonly PlotRow[];
  /** The share at the end of the scale. */
  end: number;
}

/** Shares as dots with their intervals on one scale; each row says its figure in words too. */
export function ProportionPlot({ rows, end }: Props) {
  return (
    <div class="shares">
      <ul class="bare">
        {rows.map(({ key, label, value }) => (
          <li key={key} class="shares-row">
            <span class="shares-label">{label}</span>
            <Mark value={value} end={end} />
            <span class="shares-value">{wordsOf(value)}</span>
            <span class="shares-of muted small">{qualityText.of(value.of)}</span>
          </li>
        ))}
      </ul>
      <div class="shares-row shares-scale muted small" aria-hidden="true">
        <span class="shares-track">
          {ticks.map((tick) => (
            <span key={tick} style={{ left: `${tick * 100}%` }}>
              {formatShare(tick * end)}
            </span>
          ))}
        </span>
      </div>
    </div>
  );
}

function Mark({ value, end }: { value: Proportion; end: number }) {
  const at = (share: number) => `${(share / end) * 100}%`;
  const mark = markOf(value);
  return (
    <span class="shares-track" aria-hidden="true">
      {mark.kind === "figure" && (
        <>
          <span class="shares-interval" style={{ left: at(mark.low), width: at(mark.high - mark.low) }} />
          <span class="shares-dot" style={{ left: at(mark.dot) }} />
        </>
      )}
    </span>
  );
}

function wordsOf(value: Proportion): string {
  const mark = markOf(value);
  if (mark.kind === "figure") return qualityText.interval(value);
  return mark.kind === "too-few" ? qualityText.tooFew(value.of) : "–";
}
