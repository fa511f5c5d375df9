/**
 * How blobs are named inside a store. A name tells by itself whether and when its blob expires, so that neither a
 * reader nor a sweep has to ask the store:
 *
 *     t/<moment of expiry>.<id>   timed: gone after that moment
 *     k/<key or id>               kept until deleted
 *     e/<key>                     under a key of the caller's and expiring: the moment lies with the blob
 */
import { createHash, randomBytes } from "node:crypto";
import type { BlobRef } from "../capture/item.ts";
import { BlobError } from "./blob-store.ts";

/** @throws RangeError see `safeKey` */
export function newBlobName(options: { key?: string; expiresAtMs?: number }): string {
  if (options.key !== undefined) return `${options.expiresAtMs === undefined ? "k" : "e"}/${safeKey(options.key)}`;
  if (options.expiresAtMs === undefined) return `k/${newBlobId()}`;
  return timedName(options.expiresAtMs);
}

/** `t/` names sort by the moment at which they expire (ms since 1970, base 36). */
export function timedName(expiresAtMs: number): string {
  return `t/${sortableMoment(expiresAtMs)}.${newBlobId()}`;
}

/** Nine digits last until the year 5188. */
export function sortableMoment(atMs: number): string {
  return Math.ceil(atMs).toString(36).padStart(9, "0");
}

/** The moment at which a timed name expires, ms since 1970; undefined for all other names. */
export function expiryOf(name: string): number | undefined {
  return name.startsWith("t/") ? Number.parseInt(name.slice(2, 11), 36) : undefined;
}

const processPrefix = randomBytes(9).toString("base64url");
let made = 0;

/** Unique among all processes: 72 random bits of the process and a counter. */
function newBlobId(): string {
  made += 1;
  return `${processPrefix}${made.toString(36)}`;
}

/**
 * A caller's key as a relative path that stays below its root and is legal everywhere: each segment is
 * percent-encoded but for letters, digits and `. _ - = @`, and a leading dot too, so that `..` names nothing above.
 * Different keys never share a path. Segments that become too long for a file system end in a hash instead.
 *
 * @throws RangeError for a key that is empty, has an empty segment, or is longer than object stores take
 */
function safeKey(key: string): string {
  const path = key.split("/").map(safeSegment).join("/");
  if (path.startsWith("/") || path.endsWith("/") || path.includes("//") || path === "")
    throw new RangeError(`The blob key ${JSON.stringify(key)} has an empty part: use name or folder/name`);
  if (path.length > 900)
    throw new RangeError(`The blob key ${JSON.stringify(key.slice(0, 60))}… is too long: ${path.length} of 900 bytes`);
  return path;
}

function safeSegment(segment: string): string {
  const encoded = Buffer.from(segment, "utf8")
    .toString("latin1")
    .replace(/^\.|[^A-Za-z0-9._=@-]/g, (byte) => `%${byte.charCodeAt(0).toString(16).padStart(2, "0")}`);
  if (encoded.length <= 200) return encoded;
  return `${encoded.slice(0, 150)}~${createHash("sha256").update(segment).digest("base64url")}`;
}

/**
 * The name inside the store of a reference.
 * @throws BlobError `foreign` when the reference has another store's prefix or could not have been made by it
 */
export function nameOf(ref: BlobRef, prefix: string): string {
  const name = ref.slice(prefix.length);
  if (ref.startsWith(prefix) && ownName.test(name)) return name;
  throw new BlobError(
    "foreign",
    `The blob reference ${JSON.stringify(ref.slice(0, 80))} is not of this store, whose references begin with ${prefix}: do all processes use the same blob store?`,
  );
}

/** What `newBlobName` can make: no segment is empty or begins with a dot. */
const ownName = /^(?:t\/[0-9a-z]{9}\.[\w-]+|[ke](?:\/(?!\.)[A-Za-z0-9._=@%~-]+)+)$/;
