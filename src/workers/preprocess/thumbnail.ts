import sharp from "sharp";
import type { PictureSize, Thumbnail } from "../../capture/item.ts";
import type { ImageSize } from "./decode-image.ts";
import { plainJpegSize } from "./jpeg-size.ts";
import { shrinkPicture } from "./shrink-picture.ts";

/** Pixels of a thumbnail's longer edge. */
const longEdge = 160;
const quality = 60;

export interface Preview {
  jpeg: Uint8Array;
  /** Of the original, as it is seen. */
  size: PictureSize;
}

/**
 * The thumbnail of a picture, made from what was decoded for a model: upright already, and small. That costs about
 * 1.5 ms of CPU a picture; decoding the original once more would cost 6.
 *
 * @param bytes the original, of which only the header is read: it knows the proportions that the model's picture lost
 * @param decoded height x width x 3 bytes, row-major RGB
 */
export async function makePreview(bytes: Uint8Array, decoded: { pixels: Uint8Array } & ImageSize): Promise<Preview> {
  const size = plainJpegSize(bytes) ?? (await sizeByHeader(bytes));
  const scale = Math.min(1, longEdge / Math.max(size.width, size.height));
  const to = {
    width: Math.max(1, Math.round(size.width * scale)),
    height: Math.max(1, Math.round(size.height * scale)),
  };
  const pixels = shrinkPicture(decoded.pixels, decoded, to);
  const jpeg = await sharp(pixels, { raw: { ...to, channels: 3 } })
    .jpeg({ quality })
    .toBuffer();
  return { jpeg, size };
}

async function sizeByHeader(bytes: Uint8Array): Promise<PictureSize> {
  const { autoOrient } = await sharp(bytes, { pages: 1 }).metadata();
  return { width: autoOrient.width, height: autoOrient.height };
}

/** Lays the thumbnails of a batch end to end, so that they are one blob; gives each one's place, undefined for none. */
export function layOut(jpegs: readonly (Uint8Array | undefined)[]): {
  sheet: Uint8Array;
  places: (Omit<Thumbnail, "blob"> | undefined)[];
} {
  let offset = 0;
  const places = jpegs.map((jpeg) => {
    if (!jpeg) return undefined;
    const place = { offset, bytes: jpeg.length };
    offset += jpeg.length;
    return place;
  });
  const sheet = new Uint8Array(offset);
  jpegs.forEach((jpeg, index) => {
    if (jpeg) sheet.set(jpeg, places[index]?.offset);
  });
  return { sheet, places };
}
