import { createHash } from "node:crypto";
import type { BlobStore } from "../../blobs/blob-store.ts";
import type { Concluded } from "../../capture/item.ts";

const extensions: Record<string, string> = {
  "image/jpeg": "jpg",
  "image/png": "png",
  "image/webp": "webp",
  "image/avif": "avif",
  "image/gif": "gif",
};

/**
 * Copies a capture's picture to the evidence store under a key made of its id, so that a repeated copy
 * overwrites itself.
 * @throws BlobError
 */
export async function keepEvidence(item: Concluded, blobs: BlobStore, evidence: BlobStore): Promise<string | null> {
  if (!item.image) return null;
  const name = createHash("sha256").update(item.capture.captureId).digest("hex").slice(0, 40);
  const day = new Date(item.times.receivedAtMs).toISOString().slice(0, 10);
  const key = `evidence/${day}/${name}.${extensions[item.image.type] ?? "bin"}`;
  return evidence.put(await blobs.get(item.image.blob), { key });
}
