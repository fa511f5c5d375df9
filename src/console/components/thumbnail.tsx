import type { Frame } from "../../review/contract/incident.ts";
import { thumbnailAddress } from "../api/review-api.ts";
import { type Cover, coverFilter } from "../exposure/cover.ts";
import "./thumbnail.css";

/**
 * A frame's 160 px picture under its cover, filling what it stands in; nothing but the cover's colour where there is
 * none. `longEdge` is its size on the screen in pixels, which the blur follows.
 */
export function Thumbnail({ frame, cover, longEdge }: { frame: Frame; cover: Cover; longEdge: number }) {
  const shown = frame.thumbnail === "available" && cover.kind !== "solid";
  return (
    <span class="thumbnail" data-cover={cover.kind}>
      {shown && (
        <img
          src={thumbnailAddress(frame.captureId)}
          alt=""
          draggable={false}
          style={{ filter: coverFilter(cover, longEdge) }}
        />
      )}
    </span>
  );
}
