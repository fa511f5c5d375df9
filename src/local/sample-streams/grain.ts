import { createRandom } from "./random.ts";

const patternBytes = 1 << 16;
let pattern: Int8Array | undefined;

/**
 * Adds a camera's noise to 8-bit pixels, in place: grey grain, so equal on all three channels of a pixel.
 * One pattern of about normal noise is made once and laid over each picture at places that the seed decides.
 */
export function addGrain(pixels: Uint8Array, options: { strength: number; seed: number }): void {
  pattern ??= makePattern();
  const random = createRandom(options.seed);
  const scale = options.strength / 32;
  const rowBytes = 1280 * 3;
  for (let row = 0; row < pixels.length; row += rowBytes) {
    let at = random.whole(0, patternBytes - 1);
    for (let pixel = row; pixel < row + rowBytes; pixel += 3) {
      const more = (pattern[at++ & (patternBytes - 1)] ?? 0) * scale;
      for (let channel = pixel; channel < pixel + 3; channel++) {
        const value = (pixels[channel] ?? 0) + more;
        pixels[channel] = Math.max(0, Math.min(255, value));
      }
    }
  }
}

/** Sums of four even numbers are nearly normal; 32 is one standard deviation. */
function makePattern(): Int8Array {
  const random = createRandom(1);
  const reach = 32 * Math.sqrt(3 / 4);
  const even = () => random.between(-reach, reach);
  return Int8Array.from({ length: patternBytes }, () => even() + even() + even() + even());
}
