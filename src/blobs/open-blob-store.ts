import { fileURLToPath } from "node:url";
import type { Logger } from "../telemetry/logger.ts";
import type { BlobStore } from "./blob-store.ts";
import { createFileStore } from "./file-store.ts";
import { createGcsStore } from "./gcs-store.ts";
import { createRedisStore } from "./redis-store.ts";

/**
 * Opens the blob store that a URL names; nothing is connected to before the first use.
 *
 * - `file:///folder`: for processes that share a disk
 * - `redis://host:port/db?prefix=blob:` or `rediss://…`: shared and fast, bounded by Redis's memory
 * - `gs://bucket/prefix`: Google Cloud Storage, or its emulator at STORAGE_EMULATOR_HOST
 *
 * @param options.now ms since 1970, for the stores that expire blobs by themselves
 * @throws RangeError for any other URL
 */
export function openBlobStore(url: string, options: { log?: Logger; now?: () => number } = {}): BlobStore {
  const now = options.now ?? Date.now;
  const { protocol, host, pathname } = parse(url);
  switch (protocol) {
    case "file:":
      return createFileStore({ folder: fileURLToPath(url), now });
    case "redis:":
    case "rediss:":
      return createRedisStore({ url, log: options.log });
    case "gs:":
      return createGcsStore({ bucket: host, prefix: decodeURIComponent(pathname).replace(/^\/+|\/+$/g, ""), now });
    default:
      throw unknownUrl(url);
  }
}

function parse(url: string): URL {
  const parsed = URL.parse(url);
  if (!parsed || (parsed.protocol === "gs:" && parsed.host === "")) throw unknownUrl(url);
  if (parsed.protocol === "file:" && parsed.host !== "") throw unknownUrl(url);
  return parsed;
}

function unknownUrl(url: string): RangeError {
  return new RangeError(
    `${JSON.stringify(url)} is no blob store: use file:///folder, redis://host:port/db?prefix=blob: or gs://bucket/prefix`,
  );
}
