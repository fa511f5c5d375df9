import { useEffect } from "preact/hooks";
import type { Incident } from "../../review/contract/incident.ts";
import { Filmstrip } from "../components/filmstrip.tsx";
import { ScoreCurve } from "../components/score-curve.tsx";
import { Stage } from "../components/stage.tsx";
import { labelOf } from "../keys/key-label.ts";
import { keymap } from "../keys/key-listener.ts";
import { ReasonDialog } from "../pages/review/views/reason-dialog.tsx";
import { preferences } from "../session/preferences.ts";
import { formatScore, formatTime, plainName } from "../strings/format.en.ts";
import { frameText } from "../strings/frame.en.ts";
import { viewerText } from "../strings/viewer.en.ts";
import type { Viewer as ViewerState } from "./use-viewer.ts";
import "./viewer.css";

interface Props {
  incident: Incident;
  viewer: ViewerState;
  /** Whether the keys of the page work here; in a dialog they rest. */
  keys: boolean;
  /** Called when a picture of the incident has been seen, or when none can be. */
  onSeen?: () => void;
}

/** The picture under its cover with the frames and the curve below it, wherever an incident is looked at. */
export function Viewer({ incident, viewer, keys, onSeen }: Props) {
  const { frame, picture } = viewer;
  const seen = picture?.state === "ready" || picture?.state === "failed" || !viewer.viewable;
  useEffect(() => {
    if (seen) onSeen?.();
  }, [seen, onSeen]);
  if (!frame) return <p class="card">{viewerText.noFrames}</p>;
  const mode = preferences.value?.look ?? "hold";
  const portrait = (frame.height ?? 0) > (frame.width ?? 1);
  return (
    <div class="viewer">
      <div class="viewer-stage" data-portrait={portrait}>
        <Stage
          incidentId={incident.id}
          frame={frame}
          cover={viewer.cover}
          shown={
            picture && {
              picture,
              filter: viewer.filter,
              size: viewer.size,
              spotlight: preferences.value?.spotlight ?? false,
            }
          }
          label={frameText.label(frame, viewer.place, incident.frames.length, incident.category, picture === null)}
          onHold={viewer.viewable ? { begin: () => viewer.begin("tone"), end: viewer.end } : undefined}
        >
          <Words incident={incident} viewer={viewer} />
        </Stage>
      </div>
      {viewer.viewable && (
        <div class="row">
          <button type="button" aria-pressed={viewer.look === "tone"} onClick={() => viewer.toggle("tone")}>
            {viewerText.look}
          </button>
          <button type="button" aria-pressed={viewer.look === "colour"} onClick={() => viewer.toggle("colour")}>
            {viewerText.lookColour}
          </button>
          <span class="muted small">
            {keys ? viewerText.hint[mode](labelOf(keymap.value, "incident.look")) : viewerText.hintPointer[mode]}
          </span>
          <span class="viewer-size">
            <button type="button" class="plain" aria-label={viewerText.smaller} onClick={() => viewer.resize(-1)}>
              −
            </button>
            <span class="small">{viewerText.size(viewer.size)}</span>
            <button type="button" class="plain" aria-label={viewerText.larger} onClick={() => viewer.resize(1)}>
              +
            </button>
          </span>
        </div>
      )}
      <div class="viewer-film">
        <Filmstrip
          frames={incident.frames}
          selected={frame.captureId}
          trigger={incident.trigger}
          category={incident.category}
          cover={viewer.cover}
          onSelect={viewer.select}
        />
      </div>
      <div class="viewer-curve">
        <ScoreCurve
          frames={incident.frames}
          selected={frame.captureId}
          trigger={incident.trigger}
          category={incident.category}
          threshold={viewer.words?.threshold ?? null}
        />
      </div>
      {viewer.asking && <ReasonDialog onAnswer={viewer.answer} />}
    </div>
  );
}

function Words({ incident, viewer }: Pick<Props, "incident" | "viewer">) {
  const { frame, picture } = viewer;
  if (!frame) return null;
  const missing = missingOf(viewer);
  return (
    <>
      {missing && <p class="stage-missing">{missing}</p>}
      {viewer.look && picture?.state === "loading" && <p>{frameText.loading}</p>}
      <p>
        {frameText.place(viewer.place, incident.frames.length)} · {formatTime(frame.capturedAt)} ·{" "}
        <bdi>{plainName(incident.category)}</bdi> {frame.score === null ? "–" : formatScore(frame.score)}
      </p>
    </>
  );
}

function missingOf({ frame, picture, viewable }: ViewerState): string | null {
  if (picture?.state === "failed") return picture.error?.message ?? frameText.unreadable;
  if (viewable || !frame || frame.picture === "available") return null;
  return frameText.missing[frame.picture];
}
