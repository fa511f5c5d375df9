import { constants } from "node:fs";
import { type FileHandle, open, realpath } from "node:fs/promises";
import { resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { Retry } from "../../pipeline/stage.ts";
import { tooLarge } from "./classify-response.ts";
import { type Image, later, type Refused, refused } from "./fetch-outcome.ts";
import { imageTypeOf } from "./image-type.ts";

/** Reads a file:// image that lies, links resolved, below the folder `root`. */
export async function readImageFile(
  uri: string,
  options: { root: string | undefined; maxBytes: number },
): Promise<Image | Refused | Retry> {
  if (options.root === undefined)
    return refused("unsupported-scheme", "file:// images are not allowed: no folder is set (BRIAREUS_FETCH_FILE_ROOT)");
  const path = pathOf(uri);
  const root = resolve(options.root);
  // Before anything is looked up: whether a file outside exists is nobody's business.
  if (path === undefined || !isBelow(path, root)) return outside(root);
  try {
    const real = await realpath(path);
    if (!isBelow(real, await realpath(root))) return outside(root);
    // Without O_NONBLOCK, opening a pipe would wait for somebody who writes to it.
    const file = await open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      return await readImage(file, options.maxBytes);
    } finally {
      await file.close();
    }
  } catch (error) {
    return classifyFileError(error);
  }
}

async function readImage(file: FileHandle, maxBytes: number): Promise<Image | Refused> {
  const found = await file.stat();
  if (!found.isFile()) return refused("path-refused", "the path is no regular file");
  if (found.size > maxBytes) return tooLarge(maxBytes, `it has ${found.size}`);
  const bytes = await readUpTo(file, found.size);
  if (bytes.length === 0) return refused("image-empty", "the image has no bytes");
  const type = imageTypeOf(bytes);
  return type
    ? { kind: "image", bytes, type, release: () => undefined }
    : refused("wrong-type", "the bytes do not begin like an image");
}

/** Fewer bytes if the file became shorter meanwhile; what it grew by is left. */
async function readUpTo(file: FileHandle, size: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafeSlow(size);
  let length = 0;
  while (length < size) {
    const { bytesRead } = await file.read(bytes, length, size - length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return bytes.subarray(0, length);
}

function classifyFileError(error: unknown): Refused | Retry {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const detail = `the file cannot be read (${code || String(error)})`;
  if (code === "ENOENT" || code === "ENOTDIR") return refused("not-found", detail);
  if (code === "EACCES" || code === "EPERM") return refused("forbidden", detail);
  if (code === "ELOOP" || code === "ENAMETOOLONG" || code === "ENXIO") return refused("path-refused", detail);
  return later("host-unreachable", detail);
}

/** undefined for URIs that name a host, an encoded slash or a NUL: none of them is a path of ours. */
function pathOf(uri: string): string | undefined {
  const url = URL.parse(uri);
  if (url?.host !== "") return undefined;
  try {
    const path = fileURLToPath(url);
    return path.includes("\0") ? undefined : path;
  } catch {
    return undefined;
  }
}

function isBelow(path: string, root: string): boolean {
  return path.startsWith(root.endsWith(sep) ? root : root + sep);
}

function outside(root: string): Refused {
  return refused("path-refused", `the path lies outside the allowed folder ${root}`);
}
