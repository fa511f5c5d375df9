import type { Severity } from "../../capture/verdict.ts";
import { severityText } from "../strings/severity.en.ts";
import "./marks.css";

const heights = [4, 7, 10, 13];
const bars = { low: 1, medium: 2, high: 3, severe: 4 } satisfies Record<Severity, number>;

/** One to four bars and the word, so that the colour is never alone; `bare` leaves the word to assistive technology. */
export function SeverityMark({ severity, bare }: { severity: Severity; bare?: boolean }) {
  return (
    <span class="severity" data-severity={severity}>
      <svg width="22" height="14" viewBox="0 0 22 14" aria-hidden="true">
        {heights.slice(0, bars[severity]).map((height, at) => (
          <rect key={height} x={at * 6} y={14 - height} width="4" height={height} fill="currentColor" />
        ))}
      </svg>
      <span class={bare ? "unseen" : "severity-word"}>{severityText[severity]}</span>
    </span>
  );
}
