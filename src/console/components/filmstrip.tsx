import { useEffect, useRef } from "preact/hooks";
import type { Frame } from "../../review/contract/incident.ts";
import type { Cover } from "../exposure/cover.ts";
import { formatScore } from "../strings/format.en.ts";
import { frameText } from "../strings/frame.en.ts";
import { Thumbnail } from "./thumbnail.tsx";
import "./filmstrip.css";

interface Props {
  frames: readonly Frame[];
  /** Capture shown on the stage. */
  selected: string;
  /** Capture of the first flagged frame: a line stands before it. */
  trigger: string;
  category: string;
  cover: Cover;
  onSelect: (captureId: string) => void;
  /** Address of a frame's thumbnail in memory, if the page keeps them there. */
  addressOf?: (captureId: string) => string | null;
}

/** The frames of an incident as covered thumbnails with their scores; one of them is in the tab order. */
export function Filmstrip({ frames, selected, trigger, category, cover, onSelect, addressOf }: Props) {
  const strip = useRef<HTMLUListElement>(null);
  useEffect(() => {
    const shown = strip.current?.querySelector(`[aria-current="true"]`);
    shown?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [selected]);
  return (
    <ul ref={strip} class="bare filmstrip" aria-label={frameText.filmstrip(frames.length)}>
      {frames.map((frame, at) => (
        <li key={frame.captureId} data-trigger={frame.captureId === trigger && at > 0}>
          <button
            type="button"
            class="film"
            data-frame={frame.number}
            data-kind={frame.kind}
            tabIndex={frame.captureId === selected ? 0 : -1}
            aria-current={frame.captureId === selected ? "true" : undefined}
            aria-label={frameText.label(frame, at + 1, frames.length, category, cover.kind !== "none")}
            onClick={() => onSelect(frame.captureId)}
          >
            <Thumbnail frame={frame} cover={cover} address={addressOf?.(frame.captureId)} />
            <span class="film-score" aria-hidden="true">
              {frame.score === null ? "–" : formatScore(frame.score)}
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}
