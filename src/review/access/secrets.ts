import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** 256 random bits in 43 characters that need no escaping anywhere. */
export const randomSecret = (): string => randomBytes(32).toString("base64url");

/** What is kept of a secret. With 256 random bits in it a fast hash is as good as a slow one. */
export const hashOf = (secret: string): Buffer => createHash("sha256").update(secret).digest();

/** Takes as long for a near miss as for a far one. */
export function isSameSecret(a: string, b: string): boolean {
  return timingSafeEqual(hashOf(a), hashOf(b));
}
