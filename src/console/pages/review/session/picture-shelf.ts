/**
 * The pictures of the current and the standby incident, so that the next one is painted without waiting. What leaves
 * both is freed.
 */
import type { Hold } from "../../../../review/contract/hold.ts";
import type { Frame } from "../../../../review/contract/incident.ts";
import type { Preferences } from "../../../../review/contract/me.ts";
import { toneOf } from "../../../exposure/cover.ts";
import { createPictureStore, type KeptForm, type PictureStore } from "../../../exposure/picture-store.ts";
import { peakFrame } from "./stage.ts";

const thumbnailsAhead = 40;

export interface PictureShelf {
  of(token: number): PictureStore | null;
  /** Fetches what these holds need and frees the rest. */
  fit(holds: readonly Hold[], preferences: Preferences): void;
  clear(): void;
}

export function createPictureShelf(): PictureShelf {
  const stores = new Map<number, PictureStore>();
  return {
    of: (token) => stores.get(token) ?? null,
    fit(holds, preferences) {
      for (const [token, store] of stores) {
        if (holds.some((hold) => hold.token === token)) continue;
        store.dispose();
        stores.delete(token);
      }
      for (const { token, incident } of holds) {
        const store = stores.get(token) ?? createPictureStore();
        stores.set(token, store);
        const peak = peakFrame(incident);
        // What the law restricts is fetched when somebody has said why, not before.
        const ahead = peak && !isRestricted(peak) ? peak : null;
        const form = ahead && keptForm(ahead, toneOf(incident.severity, preferences, "tone").form);
        loadThumbnails(store, incident.frames, peak);
        if (ahead && form) store.load(ahead.captureId, form);
      }
    },
    clear() {
      for (const store of stores.values()) store.dispose();
      stores.clear();
    },
  };
}

/** Only the thumbnail tells it of a picture that this person may open. */
export const isRestricted = ({ picture, thumbnail }: Frame) => picture === "restricted" || thumbnail === "restricted";

/** The best picture that there is of a frame, of this form if it can be had; null: none. */
export function keptForm(frame: Frame, form: "sharp" | "smoothed"): KeptForm | null {
  if (frame.picture === "available") return form;
  if (frame.picture === "restricted") return null;
  return frame.thumbnail === "available" ? "thumbnail" : null;
}

/** Of the frames around one of them: as many as the filmstrip shows at once, and some. */
export function loadThumbnails(store: PictureStore, frames: readonly Frame[], around: Frame | undefined): void {
  const at = around ? frames.indexOf(around) : 0;
  const first = Math.max(0, Math.min(at - thumbnailsAhead / 2, frames.length - thumbnailsAhead));
  for (const frame of frames.slice(first, first + thumbnailsAhead))
    if (frame.thumbnail === "available") store.load(frame.captureId, "thumbnail");
}
