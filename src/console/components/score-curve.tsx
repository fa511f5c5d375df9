import type { Frame } from "../../review/contract/incident.ts";
import { formatScore } from "../strings/format.en.ts";
import { frameText } from "../strings/frame.en.ts";
import { curveOf } from "./score-points.ts";
import "./score-curve.css";

interface Props {
  frames: readonly Frame[];
  selected: string;
  trigger: string;
  category: string;
  threshold: number | null;
}

/** The score in the incident's category over time, with the threshold, the trigger and the frame that is shown. */
export function ScoreCurve({ frames, selected, trigger, category, threshold }: Props) {
  const points = curveOf(frames);
  const at = (captureId: string) => points.find((point) => point.captureId === captureId);
  const [shown, first] = [at(selected), at(trigger)];
  return (
    <figure class="curve">
      <div class="curve-scale small muted" aria-hidden="true">
        <span>1.0</span>
        <span>0.0</span>
      </div>
      <svg role="img" aria-label={frameText.curve(points, category, threshold)}>
        {first && <line class="curve-trigger" x1={first.x} x2={first.x} y1="0%" y2="100%" />}
        {threshold !== null && (
          <line class="curve-threshold" x1="0%" x2="100%" y1={heightOf(threshold)} y2={heightOf(threshold)} />
        )}
        {points.slice(1).map((point, before) => (
          <line
            key={point.captureId}
            class="curve-line"
            x1={points[before]?.x}
            y1={points[before]?.y}
            x2={point.x}
            y2={point.y}
          />
        ))}
        {points.map((point) => (
          <circle key={point.captureId} class="curve-point" cx={point.x} cy={point.y} r="2.5" />
        ))}
        {shown && <circle class="curve-shown" cx={shown.x} cy={shown.y} r="5.5" />}
      </svg>
      {threshold !== null && (
        <span class="curve-word small" style={{ top: heightOf(threshold) }} aria-hidden="true">
          {frameText.threshold(formatScore(threshold))}
        </span>
      )}
    </figure>
  );
}

const heightOf = (score: number) => `${(100 - score * 100).toFixed(2)}%`;
