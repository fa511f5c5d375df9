import type { Frame } from "../../review/contract/incident.ts";
import { thumbnailAddress } from "../api/review-api.ts";
import { type Cover, coverFilter } from "../exposure/cover.ts";
import "./thumbnail.css";

interface Props {
  frame: Frame;
  cover: Cover;
  /** Where it is kept in memory; null: not there yet; left out: the server's. */
  address?: string | null;
}

/**
 * A frame's 160 px picture under its cover, filling what it stands in; nothing but the cover's colour where there is
 * none.
 */
export function Thumbnail({ frame, cover, address = thumbnailAddress(frame.captureId) }: Props) {
  const shown = frame.thumbnail === "available" && cover.kind !== "solid" && address !== null;
  return (
    <span class="thumbnail" data-cover={cover.kind}>
      {shown && (
        <img
          // An element of its own for each picture: one that is reused shows the old one for a moment.
          key={address}
          src={address}
          alt=""
          draggable={false}
          decoding="sync"
          style={{ filter: coverFilter(cover) }}
        />
      )}
    </span>
  );
}
