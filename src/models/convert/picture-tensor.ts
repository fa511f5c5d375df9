import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { decodeImage, type ImageSize } from "../../workers/preprocess/decode-image.ts";
import { ConversionError } from "./conversion-error.ts";

/** Pictures to compare models on, or to calibrate one with: encoded, as cameras and streams give them. */
export interface PictureSource {
  /** "64 generated pictures", "a folder: photos/" */
  description: string;
  read(): AsyncIterable<{ name: string; bytes: Uint8Array }>;
}

const maxPixels = 50e6;

/**
 * Writes the pictures as one raw tensor, uint8 [n, height, width, 3], decoded and resized as the preprocess stage does.
 * @returns their names, in order
 * @throws ConversionError when there is none, or one cannot be decoded
 */
export async function writePictureTensor(
  source: PictureSource,
  size: ImageSize,
  path: string,
  signal?: AbortSignal,
): Promise<string[]> {
  const names: string[] = [];
  const file = createWriteStream(path);
  // A disk that is full shows when the file is closed, too.
  const closed = once(file, "close");
  closed.catch(() => undefined);
  try {
    for await (const { name, bytes } of source.read()) {
      signal?.throwIfAborted();
      const pixels = await decodeImage(bytes, size, maxPixels).catch((error: Error) => {
        throw new ConversionError(`${name}: ${error.message}`, { cause: error });
      });
      if (!file.write(pixels)) await Promise.race([once(file, "drain"), closed]);
      names.push(name);
    }
  } finally {
    file.end();
  }
  await closed;
  if (names.length === 0) throw new ConversionError(`there are no pictures in ${source.description}`);
  return names;
}
