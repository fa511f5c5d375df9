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
  /** Begins to fetch it unless that has begun. `reason`: why a picture is opened that the law restricts. */
  load(captureId: string, form: KeptForm, reason?: string): void;
  /** Fetches one again that failed. */
  retry(captureId: string, form: KeptForm, reason?: string): void;
  /** Address of a picture that is ready, for an element of the view's own; null until then. */
  address(captureId: string, form: KeptForm): string | null;
  /** What is there of it; reading it in a view follows its changes. */
  read(captureId: string, form: KeptForm): Picture | null;
  /** Stops what is under way and frees every picture. */
  dispose(): void;
}

export function createPictureStore(): PictureStore {
  const kept = new Map<string, Signal<Picture>>();
  const stopped = new AbortController();
  const addresses: string[] = [];

  async function fetchPicture(captureId: string, form: KeptForm, reason?: string): Promise<Picture> {
    const blob = await (form === "thumbnail"
      ? readThumbnail(captureId, stopped.signal)
      : readPicture(captureId, { form, reason }, stopped.signal));
    // Freed meanwhile: an address made now would never be.
    if (stopped.signal.aborted) return { state: "loading" };
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

  function begin(slot: Signal<Picture>, captureId: string, form: KeptForm, reason?: string): void {
    slot.value = { state: "loading" };
    fetchPicture(captureId, form, reason).then(
      (picture) => {
        if (!stopped.signal.aborted) slot.value = picture;
      },
      (error) => {
        if (!stopped.signal.aborted)
          slot.value = { state: "failed", error: error instanceof RequestError ? error : null };
      },
    );
  }

  return {
    load(captureId, form, reason) {
      const key = keyOf(captureId, form);
      if (stopped.signal.aborted || kept.has(key)) return;
      const slot = signal<Picture>({ state: "loading" });
      kept.set(key, slot);
      begin(slot, captureId, form, reason);
    },
    retry(captureId, form, reason) {
      const slot = kept.get(keyOf(captureId, form));
      if (slot?.peek().state === "failed") begin(slot, captureId, form, reason);
    },
    address(captureId, form) {
      const picture = kept.get(keyOf(captureId, form))?.value;
      return picture?.state === "ready" ? picture.image.src : null;
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
