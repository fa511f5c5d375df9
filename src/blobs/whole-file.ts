/**
 * Whole files in as few system calls as there are, on the callback interface: per file it costs a third less CPU
 * than file handles of node:fs/promises, which matters at thousands of blobs a second.
 */
import * as fs from "node:fs";
import { promisify } from "node:util";
import type { Allocate } from "../memory/allocate.ts";

const open = promisify(fs.open);
const close = promisify(fs.close);
const fstat = promisify(fs.fstat);
const futimes = promisify(fs.futimes);
const fdatasync = promisify(fs.fdatasync);
const unlink = promisify(fs.unlink);

/**
 * Writes a file that must not exist yet; nothing is left of one that could not be written whole.
 * @param options.modifiedAtMs modification time to set, ms since 1970
 */
export async function writeWhole(
  path: string,
  bytes: Uint8Array,
  options: { sync?: boolean; modifiedAtMs?: number } = {},
): Promise<void> {
  const file = await open(path, "wx");
  try {
    for (let done = 0; done < bytes.length; ) done += await writeSome(file, bytes, done);
    if (options.modifiedAtMs !== undefined)
      await futimes(file, options.modifiedAtMs / 1000, options.modifiedAtMs / 1000);
    if (options.sync) await fdatasync(file);
  } catch (error) {
    await close(file);
    await unlink(path).catch(() => undefined);
    throw error;
  }
  await close(file);
}

/** @param allocate gives the memory to read into */
export async function readWhole(
  path: string,
  allocate: Allocate = Buffer.allocUnsafeSlow,
): Promise<{ bytes: Uint8Array; modifiedAtMs: number }> {
  const file = await open(path, "r");
  try {
    const { size, mtimeMs } = await fstat(file);
    const bytes = allocate(size);
    for (let done = 0; done < size; ) {
      const read = await readSome(file, bytes, done);
      if (read === 0) throw new Error(`${path} became shorter while it was read`);
      done += read;
    }
    return { bytes, modifiedAtMs: Math.round(mtimeMs) };
  } finally {
    await close(file);
  }
}

function writeSome(file: number, bytes: Uint8Array, from: number): Promise<number> {
  return new Promise((resolve, reject) => {
    fs.write(file, bytes, from, bytes.length - from, from, (error, written) =>
      error ? reject(error) : resolve(written),
    );
  });
}

function readSome(file: number, bytes: Uint8Array, from: number): Promise<number> {
  return new Promise((resolve, reject) => {
    fs.read(file, bytes, from, bytes.length - from, from, (error, read) => (error ? reject(error) : resolve(read)));
  });
}
