import type { ImageSize } from "./decode-image.ts";

/**
 * Size of a JPEG as it is seen, read from its frame header (ITU-T T.81, B.2.2). Frames of video are such pictures, and
 * asking libvips costs 0.2 ms of CPU each.
 *
 * @returns undefined where more must be known: with an APP1 segment the picture may have to be turned (EXIF); and for
 *   all that is no JPEG or a strange one
 */
export function plainJpegSize(bytes: Uint8Array): ImageSize | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 4 || view.getUint16(0) !== startOfImage) return undefined;
  // Each segment: 0xff, its marker, its length without these two bytes.
  for (let at = 2; at + 9 <= bytes.length; at += 2 + view.getUint16(at + 2)) {
    const marker = view.getUint16(at);
    if (frameHeaders.has(marker)) return sizeIn(view, at);
    if (!isSkipped(marker)) return undefined;
  }
  return undefined;
}

const startOfImage = 0xffd8;
const app1 = 0xffe1;
/** All SOFn: 0xffc0 to 0xffcf but for DHT, JPG and DAC. */
const frameHeaders = new Set(
  Array.from({ length: 16 }, (_, index) => 0xffc0 + index).filter((marker) => ![4, 8, 12].includes(marker & 0xf)),
);

/** Segments of no interest here: tables, comments, and applications' own. */
function isSkipped(marker: number): boolean {
  const isTable = marker === 0xffc4 || marker === 0xffcc || (marker >= 0xffdb && marker <= 0xffdf);
  const isApplications = marker >= 0xffe0 && marker <= 0xffef && marker !== app1;
  return isTable || isApplications || marker === 0xfffe;
}

function sizeIn(view: DataView, at: number): ImageSize | undefined {
  const size = { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
  // A height of 0 is told only after the first scan (DNL).
  return size.height > 0 && size.width > 0 ? size : undefined;
}
