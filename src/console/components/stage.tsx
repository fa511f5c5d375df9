/**
 * The picture in its place: its cover, and over it, while somebody looks, the sharp one. The sharp one's element is in
 * the document only then; its bytes are in the picture store.
 */
import type { ComponentChildren, Ref } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Frame } from "../../review/contract/incident.ts";
import type { Cover, Size } from "../exposure/cover.ts";
import type { Picture } from "../exposure/picture-store.ts";
import { beginLook } from "../exposure/reveal-log.ts";
import { Thumbnail } from "./thumbnail.tsx";
import "./stage.css";

interface Props {
  incidentId: number;
  frame: Frame;
  cover: Cover;
  /** What to show over the cover now; null: covered. */
  shown: { picture: Picture; filter: string; size: Size; spotlight: boolean } | null;
  /** Words for assistive technology: category, score, time, covered or not. */
  label: string;
  /** Words over the cover, or in place of a picture that cannot be had. */
  children?: ComponentChildren;
  /** Finger or mouse button down and up. */
  onHold?: { begin: () => void; end: () => void };
  stageRef?: Ref<HTMLDivElement>;
  /** Address of the frame's thumbnail in memory, if the page keeps it there. */
  thumbnail?: string | null;
}

export function Stage({ incidentId, frame, cover, shown, label, children, onHold, stageRef, thumbnail }: Props) {
  const ready = shown?.picture.state === "ready" ? shown.picture.image : null;
  return (
    <div
      ref={stageRef}
      class="stage"
      data-stage
      data-covered={ready ? "false" : "true"}
      role="img"
      aria-label={label}
      tabIndex={-1}
      onPointerDown={(event) => {
        if (event.button !== 0 || !onHold) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        onHold.begin();
      }}
      onPointerUp={onHold?.end}
      onPointerCancel={onHold?.end}
      onContextMenu={(event) => event.preventDefault()}
    >
      <Thumbnail frame={frame} cover={cover} address={thumbnail} />
      {ready && shown && (
        <Sharp
          key={frame.captureId}
          image={ready}
          incidentId={incidentId}
          captureId={frame.captureId}
          filter={shown.filter}
          size={shown.size}
          spotlight={shown.spotlight}
        />
      )}
      <div class="stage-words">{children}</div>
    </div>
  );
}

interface SharpProps {
  image: HTMLImageElement;
  incidentId: number;
  captureId: string;
  filter: string;
  size: Size;
  spotlight: boolean;
}

function Sharp({ image, incidentId, captureId, filter, size, spotlight }: SharpProps) {
  const place = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    place.current?.append(image);
    const end = beginLook(incidentId, captureId);
    return () => {
      image.remove();
      end();
    };
  }, [image, incidentId, captureId]);
  useLayoutEffect(() => {
    image.style.filter = filter;
  }, [image, filter]);
  useSpotlight(place, spotlight);
  return <div ref={place} class="sharp" data-sharp data-size={size} data-spotlight={spotlight} />;
}

/** The spot follows the pointer, in the middle until it moves. */
function useSpotlight(place: { current: HTMLDivElement | null }, on: boolean): void {
  useLayoutEffect(() => {
    const element = place.current;
    if (!on || !element) return;
    const follow = (event: PointerEvent) => {
      const box = element.getBoundingClientRect();
      element.style.setProperty("--spot-x", `${event.clientX - box.left}px`);
      element.style.setProperty("--spot-y", `${event.clientY - box.top}px`);
    };
    addEventListener("pointermove", follow);
    return () => removeEventListener("pointermove", follow);
  }, [place, on]);
}
