import { createHash } from "node:crypto";
import { BlobError, type BlobStore } from "../../blobs/blob-store.ts";
import type { Concluded, Thumbnail } from "../../capture/item.ts";
import type { EarlierCapture, Verdict } from "../../capture/verdict.ts";
import type { RememberedCapture } from "./stream-memory.ts";

const extensions: Record<string, string> = {
  "image/jpeg": "jpg",
  "image/png": "png",
  "image/webp": "webp",
  "image/avif": "avif",
  "image/gif": "gif",
};

export interface EvidenceKeeper {
  /** Copies a capture's picture; null if it has none. @throws BlobError */
  picture(item: Concluded): Promise<string | null>;
  /** Copies a capture's thumbnail; null if it has none, or has none any more. @throws BlobError `unavailable` */
  thumbnail(item: Concluded): Promise<string | null>;
  /** Copies the thumbnails of earlier captures. @throws BlobError `unavailable` */
  before(captures: readonly RememberedCapture[]): Promise<NonNullable<Verdict["before"]>>;
}

/**
 * Copies pictures to the evidence store under keys made of their captures' ids, so that a repeated copy overwrites
 * itself.
 */
export function createEvidenceKeeper(blobs: BlobStore, evidence: BlobStore): EvidenceKeeper {
  /** @param read gives a blob's bytes; those of many thumbnails lie in one */
  const copyThumbnail = async (
    thumbnail: Thumbnail | undefined,
    key: string,
    read = (ref: string) => blobs.get(ref),
  ): Promise<string | null> => {
    if (!thumbnail) return null;
    const { blob, offset, bytes } = thumbnail;
    try {
      return await evidence.put((await read(blob)).subarray(offset, offset + bytes), { key });
    } catch (error) {
      if (error instanceof BlobError && error.code !== "unavailable") return null;
      throw error;
    }
  };

  return {
    async picture({ image, capture, times }) {
      if (!image) return null;
      const extension = extensions[image.type] ?? "bin";
      return evidence.put(await blobs.get(image.blob), {
        key: keyOf(capture.captureId, times.receivedAtMs, extension),
      });
    },

    thumbnail: ({ thumbnail, capture, times }) =>
      copyThumbnail(thumbnail, keyOf(capture.captureId, times.receivedAtMs, "thumb.jpg")),

    async before(captures) {
      const sheets = new Map<string, Promise<Uint8Array>>();
      const read = (blob: string) => {
        const sheet = sheets.get(blob) ?? blobs.get(blob);
        sheets.set(blob, sheet);
        return sheet;
      };
      return Promise.all(
        captures.map(async ({ captureId, capturedAt, receivedAtMs, scores, thumbnail }): Promise<EarlierCapture> => {
          const key = keyOf(captureId, receivedAtMs, "thumb.jpg");
          return { captureId, capturedAt, scores, thumbnail: await copyThumbnail(thumbnail, key, read) };
        }),
      );
    },
  };
}

function keyOf(captureId: string, receivedAtMs: number, extension: string): string {
  const name = createHash("sha256").update(captureId).digest("hex").slice(0, 40);
  return `evidence/${new Date(receivedAtMs).toISOString().slice(0, 10)}/${name}.${extension}`;
}
