import fc from "fast-check";
import { expect, test } from "vitest";
import { shrinkPicture } from "../../src/workers/preprocess/shrink-picture.ts";

const edge = fc.integer({ min: 1, max: 12 });
const size = fc.record({ width: edge, height: edge });
const picture = size.chain((from) => {
  const length = from.width * from.height * 3;
  return fc.record({
    from: fc.constant(from),
    pixels: fc.uint8Array({ minLength: length, maxLength: length }),
  });
});

test("a picture shrunk to its own size is the same", () => {
  fc.assert(
    fc.property(picture, ({ from, pixels }) => {
      expect(shrinkPicture(pixels, from, from)).toEqual(pixels);
    }),
  );
});

test("a picture shrunk to one pixel is its mean", () => {
  const pixels = Uint8Array.from([0, 10, 20, 100, 30, 20, 50, 20, 20, 50, 20, 20]);
  expect([...shrinkPicture(pixels, { width: 2, height: 2 }, { width: 1, height: 1 })]).toEqual([50, 20, 20]);
});

test("every pixel of any size lies between the darkest and the brightest of the original", () => {
  fc.assert(
    fc.property(picture, size, ({ from, pixels }, to) => {
      const shrunk = shrinkPicture(pixels, from, to);
      expect(shrunk).toHaveLength(to.width * to.height * 3);
      expect(Math.min(...shrunk)).toBeGreaterThanOrEqual(Math.min(...pixels));
      expect(Math.max(...shrunk)).toBeLessThanOrEqual(Math.max(...pixels));
    }),
  );
});

test("halves keep their place", () => {
  const row = [255, 0, 0, 255, 0, 0, 0, 0, 255, 0, 0, 255];
  const shrunk = shrinkPicture(Uint8Array.from([...row, ...row]), { width: 4, height: 2 }, { width: 2, height: 1 });
  expect([...shrunk]).toEqual([255, 0, 0, 0, 0, 255]);
});
