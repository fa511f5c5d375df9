import { open, readdir, readFile, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { imageFormatOf } from "../../capture/image-format.ts";
import { CompareError } from "./compare-error.ts";
import type { ComparisonPictures } from "./compare-models.ts";

/** Enough for every format to be known. */
const headBytes = 256;
const namedLikePictures = /\.(jpe?g|png|webp|avif|gif)$/i;

/**
 * The pictures of a folder and of those below it, in the order of their names. A picture is what begins like one of the
 * formats that are decoded; a file that is merely named like one, or that cannot be opened, comes as unreadable. Hidden
 * files and all others are passed over.
 * @throws CompareError `wrong-input` when the folder cannot be read or has none
 */
export async function picturesBelow(folder: string): Promise<ComparisonPictures & { count: number }> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: Error) => {
    throw new CompareError("wrong-input", `the pictures in ${folder} cannot be read: ${error.message}`, {
      cause: error,
    });
  });
  const paths: string[] = [];
  for (const { name, parentPath } of entries) {
    const path = join(parentPath, name);
    const isHidden = relative(folder, path)
      .split("/")
      .some((part) => part.startsWith("."));
    // Not the entry's word: mounted volumes have links to files.
    if (!isHidden && (await stat(path).catch(() => undefined))?.isFile() && (await mayBePicture(path)))
      paths.push(path);
  }
  if (paths.length === 0)
    throw new CompareError("wrong-input", `there are no pictures (JPEG, PNG, WebP, AVIF, GIF) in ${folder}`);
  return {
    description: `the pictures in ${folder}`,
    count: paths.length,
    async *read() {
      for (const path of paths.toSorted()) yield await readPicture(relative(folder, path), path);
    },
  };
}

async function readPicture(name: string, path: string) {
  return await readFile(path).then(
    (bytes) => ({ name, bytes }),
    (error: Error) => ({ name, problem: error.message }),
  );
}

/** Reads the head only: a folder may hold films, too. */
async function mayBePicture(path: string): Promise<boolean> {
  if (namedLikePictures.test(path)) return true;
  const file = await open(path).catch(() => undefined);
  if (!file) return false;
  try {
    const { buffer, bytesRead } = await file.read(new Uint8Array(headBytes), 0, headBytes);
    return imageFormatOf(buffer.subarray(0, bytesRead)) !== undefined;
  } finally {
    await file.close();
  }
}
