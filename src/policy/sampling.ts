import { createHash } from "node:crypto";

/**
 * Whether a clean capture is sampled for review. Decided by a hash of its id, not by chance, so that a capture
 * that is processed twice is sampled both times or not at all.
 */
export function isSampled(captureId: string, share: number): boolean {
  if (share <= 0) return false;
  const number = createHash("sha1").update(captureId).digest().readUInt32BE(0);
  return number < share * 2 ** 32;
}
