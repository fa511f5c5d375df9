import type { Quality } from "../../../review/contract/quality.ts";
import { SeverityMark } from "../../components/severity-mark.tsx";
import { qualityText } from "../../strings/quality.en.ts";
import { parts, type TimeBar, timePlot } from "./time-plot.ts";

/** Bars of three parts per severity: half were faster than the first, 19 of 20 than the second. */
export function TimeBars({ times }: { times: Quality["times"] }) {
  const { bars, ticksMs, scaleMs } = timePlot(times);
  return (
    <div class="times">
      <p class="times-legend small" aria-hidden="true">
        {parts.map((part) => (
          <span key={part}>
            <span class="times-swatch" data-part={part} /> {qualityText.part[part]}
          </span>
        ))}
      </p>
      <ul class="bare">
        {bars.map((bar) => (
          <li key={`${bar.severity} ${bar.quantile}`} class="times-row" data-quantile={bar.quantile}>
            <span class="times-label">{bar.quantile === "p50" && <SeverityMark severity={bar.severity} />}</span>
            <span class="times-track" aria-hidden="true">
              {bar.segments.map(({ part, start, length }) => (
                <span
                  key={part}
                  class="times-part"
                  data-part={part}
                  style={{ left: `${start * 100}%`, width: `${length * 100}%` }}
                />
              ))}
            </span>
            <span class="times-value small">
              <span class="unseen">{spokenParts(bar)}</span>
              {qualityText.quantile[bar.quantile]} {qualityText.duration(bar.totalMs)}
            </span>
          </li>
        ))}
      </ul>
      <div class="times-row times-scale muted small" aria-hidden="true">
        <span class="times-track">
          {ticksMs.map((ms) => (
            <span key={ms} style={{ left: `${(ms / scaleMs) * 100}%` }}>
              {ms === 0 ? "0" : qualityText.duration(ms)}
            </span>
          ))}
        </span>
      </div>
    </div>
  );
}

const spokenParts = ({ segments }: TimeBar) =>
  segments.map(({ part, ms }) => `${qualityText.part[part]} ${qualityText.duration(ms)}, `).join("");
