/**
 * Blobs as files, for processes that share a disk:
 *
 *     <folder>/t/<minute of expiry>/<moment of expiry>.<id>   timed blobs; a sweep lists past minutes only
 *     <folder>/t/<minute of expiry>/<moment of expiry>.<id> → e/<key>   symbolic link: an expiring key
 *     <folder>/e/<key>   expiring blobs under a key; their modification time is the moment at which they expire
 *     <folder>/k/<key>   kept blobs
 *
 * A timed blob is written in place: nobody knows its name before it is whole. One under a key is written beside
 * and renamed, so that a reader sees the old or the new bytes, and synchronised, so that evidence outlives the host.
 */
import { mkdir, readdir, readlink, rename, rm, rmdir, stat, symlink, unlink } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { BlobRef } from "../capture/item.ts";
import type { Allocate } from "../memory/allocate.ts";
import { expiryOf, nameOf, newBlobName, timedName } from "./blob-name.ts";
import { BlobError, type BlobStore } from "./blob-store.ts";
import { fileFailure, hasCode } from "./file-failure.ts";
import { readWhole, writeWhole } from "./whole-file.ts";

const refPrefix = "f:";
const minuteMs = 60_000;

/** @param options.folder made if absent */
export function createFileStore(options: { folder: string; now: () => number }): BlobStore {
  const folder = resolve(options.folder);
  const { now } = options;
  const pathOf = (name: string) => join(folder, relativePath(name));

  async function putTimed(name: string, bytes: Uint8Array) {
    await inFolder(pathOf(name), (path) => writeWhole(path, bytes));
  }

  async function putUnderKey(name: string, bytes: Uint8Array, expiresAtMs: number | undefined) {
    if (expiresAtMs !== undefined) {
      const marker = pathOf(timedName(expiresAtMs));
      await inFolder(marker, (path) => symlink(join("../..", name), path));
    }
    // Named like a timed blob, so that a sweep finds what a crash leaves of it.
    const temporary = pathOf(timedName(now() + 10 * minuteMs));
    await inFolder(temporary, (path) => writeWhole(path, bytes, { sync: true, modifiedAtMs: expiresAtMs }));
    await inFolder(pathOf(name), (path) => rename(temporary, path)).catch(async (error) => {
      await rm(temporary, { force: true });
      throw error;
    });
  }

  async function read(ref: BlobRef, name: string, allocate: Allocate | undefined): Promise<Uint8Array> {
    if ((expiryOf(name) ?? Number.POSITIVE_INFINITY) <= now()) throw missing(ref);
    try {
      const { bytes, modifiedAtMs } = await readWhole(pathOf(name), allocate);
      if (name.startsWith("e/") && modifiedAtMs <= now()) throw missing(ref);
      return bytes;
    } catch (error) {
      // A reference proves that its folder was there once: without it, the disk is gone and not the blob.
      if (hasCode(error, "ENOENT") && (await isThere(join(folder, name.slice(0, 1))))) throw missing(ref);
      throw error;
    }
  }

  async function sweepMinute(minute: string): Promise<number> {
    const path = join(folder, "t", minute);
    let deleted = 0;
    for (const entry of await readdir(path, { withFileTypes: true }).catch(noneIfAbsent)) {
      if ((expiryOf(`t/${entry.name}`) ?? 0) > now()) continue;
      const file = join(path, entry.name);
      deleted += entry.isSymbolicLink() ? await expireKey(file, now()) : 1;
      await unlink(file).catch(unlessAbsent);
    }
    // A minute that is past gets no more blobs; one whose clocks run behind makes its folder anew.
    if (endOfMinute(minute) <= now()) await rmdir(path).catch(unlessAbsentOrFull);
    return deleted;
  }

  return {
    async put(bytes, { ttlMs, key } = {}) {
      const expiresAtMs = ttlMs === undefined ? undefined : now() + ttlMs;
      const name = newBlobName({ key, expiresAtMs });
      await guarded(folder, () =>
        name.startsWith("t/") ? putTimed(name, bytes) : putUnderKey(name, bytes, expiresAtMs),
      );
      return refPrefix + name;
    },
    async get(ref, { allocate } = {}) {
      const name = nameOf(ref, refPrefix);
      return guarded(folder, () => read(ref, name, allocate));
    },
    async delete(refs) {
      const paths = refs.map((ref) => pathOf(nameOf(ref, refPrefix)));
      await guarded(folder, () => Promise.all(paths.map((path) => unlink(path).catch(unlessAbsent))));
    },
    async sweep() {
      return guarded(folder, async () => {
        let deleted = 0;
        for (const minute of await readdir(join(folder, "t")).catch(noneIfAbsent))
          if (endOfMinute(minute) - minuteMs <= now()) deleted += await sweepMinute(minute);
        return deleted;
      });
    },
    async close() {},
  };
}

/** Timed names get a folder per minute of expiry. */
function relativePath(name: string): string {
  const expiresAtMs = expiryOf(name);
  if (expiresAtMs === undefined) return name;
  return `t/${Math.floor(expiresAtMs / minuteMs).toString(36)}/${name.slice(2)}`;
}

function endOfMinute(minute: string): number {
  return (Number.parseInt(minute, 36) + 1) * minuteMs;
}

/** Runs the write, and again after making its folder if that is what it lacked. */
async function inFolder(path: string, write: (path: string) => Promise<void>): Promise<void> {
  try {
    await write(path);
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error;
    await mkdir(dirname(path), { recursive: true });
    await write(path);
  }
}

/** Deletes what an expiring key's link points to, unless it was put again with a later expiry. */
async function expireKey(link: string, nowMs: number): Promise<number> {
  const file = join(dirname(link), await readlink(link));
  const found = await stat(file).catch(() => undefined);
  if (!found || Math.round(found.mtimeMs) > nowMs) return 0;
  await unlink(file).catch(unlessAbsent);
  return 1;
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

function noneIfAbsent(error: unknown): never[] {
  if (hasCode(error, "ENOENT")) return [];
  throw error;
}

function unlessAbsent(error: unknown): void {
  if (!hasCode(error, "ENOENT")) throw error;
}

function unlessAbsentOrFull(error: unknown): void {
  if (!hasCode(error, "ENOENT", "ENOTEMPTY", "EEXIST")) throw error;
}

async function guarded<T>(folder: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw error instanceof BlobError ? error : fileFailure(error, folder);
  }
}

function missing(ref: BlobRef): BlobError {
  return new BlobError("missing", `The blob ${ref} expired or was deleted`);
}
