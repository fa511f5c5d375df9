/**
 * Blobs as objects of Google Cloud Storage, for processes in different places and for evidence. Names carry their
 * expiry (see blob-name.ts), so a sweep lists exactly what expired. An expiring key's object has its expiry as custom
 * time, which bucket lifecycle rules understand too, and an empty object with a timed name that leads a sweep to it.
 */
import type { Bucket, File } from "@google-cloud/storage";
import { request } from "undici";
import type { BlobRef } from "../capture/item.ts";
import { expiryOf, nameOf, newBlobName, sortableMoment, timedName } from "./blob-name.ts";
import { BlobError, type BlobStore } from "./blob-store.ts";
import { objectRequest, openStorage, statusOf } from "./cloud-storage.ts";

const refPrefix = "g:";

/** @param options.prefix folder of the bucket, without slashes at its ends; may be empty */
export function createGcsStore(options: { bucket: string; prefix: string; now: () => number }): BlobStore {
  const { now } = options;
  const root = options.prefix === "" ? "" : `${options.prefix}/`;
  let opened: Promise<Bucket> | undefined;
  const bucket = () => {
    opened ??= openStorage().then((storage) => storage.bucket(options.bucket));
    return opened;
  };
  const fileOf = async (name: string) => (await bucket()).file(root + name);

  async function put(name: string, bytes: Uint8Array, expiresAtMs: number | undefined) {
    const expires = expiresAtMs === undefined ? {} : { customTime: new Date(expiresAtMs).toISOString() };
    const content = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const file = await fileOf(name);
    if (name.startsWith("e/") && expiresAtMs !== undefined) {
      const marker = await fileOf(timedName(expiresAtMs));
      await marker.save("", { ...upload, metadata: { metadata: { [markedName]: name } } });
    }
    await file.save(content, { ...upload, metadata: expires });
  }

  async function read(ref: BlobRef, name: string): Promise<Uint8Array> {
    if ((expiryOf(name) ?? Number.POSITIVE_INFINITY) <= now()) throw missing(ref);
    const [bytes, expired] = await Promise.all([
      download(options.bucket, root + name),
      name.startsWith("e/") && hasExpired(await fileOf(name), now()).catch(unlessAbsent),
    ]);
    if (bytes === undefined || expired) throw missing(ref);
    return bytes;
  }

  async function expire(marker: File): Promise<number> {
    const name = marker.metadata.metadata?.[markedName];
    let deleted = 1;
    if (typeof name === "string") {
      const file = await fileOf(name);
      const expired = await hasExpired(file, now()).catch(unlessAbsent);
      if (expired) await file.delete({ ignoreNotFound: true });
      deleted = expired ? 1 : 0;
    }
    await marker.delete({ ignoreNotFound: true });
    return deleted;
  }

  const guarded = <T>(act: () => Promise<T>) =>
    act().catch((error) => Promise.reject(error instanceof BlobError ? error : failure(error, options.bucket)));

  return {
    async put(bytes, { ttlMs, key } = {}) {
      const expiresAtMs = ttlMs === undefined ? undefined : now() + ttlMs;
      const name = newBlobName({ key, expiresAtMs });
      await guarded(() => put(name, bytes, expiresAtMs));
      return refPrefix + name;
    },
    async get(ref) {
      const name = nameOf(ref, refPrefix);
      return guarded(() => read(ref, name));
    },
    async delete(refs) {
      const names = refs.map((ref) => nameOf(ref, refPrefix));
      await guarded(() =>
        Promise.all(names.map(async (name) => (await fileOf(name)).delete({ ignoreNotFound: true }))),
      );
    },
    async sweep() {
      return guarded(async () => {
        const expired = {
          prefix: `${root}t/`,
          endOffset: `${root}t/${sortableMoment(now() + 1)}`,
          autoPaginate: false,
        };
        let deleted = 0;
        // Always the first page: what it lists is deleted before the next is asked for.
        for (;;) {
          const [files] = await (await bucket()).getFiles({ ...expired, maxResults: 100 });
          if (files.length === 0) return deleted;
          for (const count of await Promise.all(files.map(expire))) deleted += count;
        }
      });
    },
    async close() {},
  };
}

const markedName = "briareus-blob";

/** One request per object; its checksum is left to the transport. */
const upload = { resumable: false, validation: false } as const;

/** undefined: there is no such object. */
async function download(bucket: string, name: string): Promise<Uint8Array | undefined> {
  const { url, headers } = await objectRequest(bucket, name);
  const { statusCode, body } = await request(url, { headers, signal: AbortSignal.timeout(30_000) });
  if (statusCode === 200) return body.bytes();
  const text = await body.text();
  if (statusCode === 404) return undefined;
  throw new Error(`status ${statusCode}: ${text.slice(0, 200)}`);
}

async function hasExpired(file: File, nowMs: number): Promise<boolean> {
  const [metadata] = await file.getMetadata();
  return metadata.customTime !== undefined && Date.parse(metadata.customTime) <= nowMs;
}

function unlessAbsent(error: unknown): false {
  if (statusOf(error) !== 404) throw error;
  return false;
}

function failure(error: unknown, bucket: string): BlobError {
  const text = error instanceof Error ? error.message : String(error);
  return new BlobError(
    "unavailable",
    `The blob store gs://${bucket} cannot be used (${text}): does the bucket exist, and may this account use it?`,
    { cause: error },
  );
}

function missing(ref: BlobRef): BlobError {
  return new BlobError("missing", `The blob ${ref} expired or was deleted`);
}
