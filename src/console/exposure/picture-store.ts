/**
 * Pictures of one incident, fetched and decoded, ready to be shown at once. What is kept here is not in the document:
 * a view puts the element in while somebody looks, and takes it out again.
 */
import { type Signal, signal } from "@preact/signals";
import { RequestError } from "../api/request-error.ts";
import { readPicture, readThumbnail } from "../api/review-api.ts";

/** `thumbnail`: the 160 px picture, for frames of which no other was kept. */
export type KeptForm = "sharp" | "smoothed" | "thumbnail";
export type Picture =
  | { state: "loading" }
  | { state: "ready"; image: HTMLImageElement }
  | { state: "failed"; error: RequestError | null };

export interface PictureStore {
  /** Begins to fetch it unless that has begun; a failed one is tried again. */
  load(captureId: string, form: KeptForm): void;
  /** What is there of it; reading it in a view follows its changes. */
  read(captureId: string, form: KeptForm): Picture | null;
  /** Stops what is under way and frees every picture. */
  dispose(): void;
}

export function createPictureStore(): PictureStore {
  const kept = new Map<string, Signal<Picture>>();
  const stopped = new AbortController();
  const addresses: string[] = [];

  async function fetchPicture(captureId: string, form: KeptForm): Promise<Picture> {
    const blob = await (form === "thumbnail"
      ? readThumbnail(captureId, stopped.signal)
      : readPicture(captureId, form, stopped.signal));
    const image = new Image();
    const address = URL.createObjectURL(blob);
    addresses.push(address);
    image.src = address;
    image.alt = "";
    image.draggable = false;
    try {
      await image.decode();
    } catch {
      return { state: "failed", error: null };
    }
    return { state: "ready", image };
  }

  return {
    load(captureId, form) {
      const key = keyOf(captureId, form);
      const known = kept.get(key);
      if (stopped.signal.aborted || (known && known.peek().state !== "failed")) return;
      const slot = known ?? signal<Picture>({ state: "loading" });
      slot.value = { state: "loading" };
      kept.set(key, slot);
      fetchPicture(captureId, form).then(
        (picture) => {
          if (!stopped.signal.aborted) slot.value = picture;
        },
        (error) => {
          if (!stopped.signal.aborted)
            slot.value = { state: "failed", error: error instanceof RequestError ? error : null };
        },
      );
    },
    read(captureId, form) {
      const slot = kept.get(keyOf(captureId, form));
      return slot ? slot.value : null;
    },
    dispose() {
      stopped.abort();
      for (const address of addresses) URL.revokeObjectURL(address);
      kept.clear();
    },
  };
}

const keyOf = (captureId: string, form: KeptForm) => `${form} ${captureId}`;
