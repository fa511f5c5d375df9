import fc from "fast-check";
import sharp, { type JpegOptions } from "sharp";
import { expect, test } from "vitest";
import { plainJpegSize } from "../../src/workers/preprocess/jpeg-size.ts";

const picture = sharp({ create: { width: 300, height: 41, channels: 3, background: "#336699" } });
const size = { width: 300, height: 41 };
const jpeg = (options: JpegOptions = {}) => picture.clone().jpeg(options).toBuffer();

test.each([
  ["baseline", {}],
  ["progressive", { progressive: true }],
  ["of mozjpeg", { mozjpeg: true }],
  ["with an own table for each colour", { chromaSubsampling: "4:4:4", optimiseCoding: false }],
] as const)("the size of a JPEG that is %s is read", async (_, options) => {
  expect(plainJpegSize(await jpeg(options))).toEqual(size);
});

test("a size is found behind segments of other applications", async () => {
  const bytes = await jpeg();
  const icc = await picture.clone().withIccProfile("p3").jpeg().toBuffer();
  expect(plainJpegSize(icc)).toEqual(size);
  const comment = Buffer.from([0xff, 0xfe, 0, 6, 0xff, 0xc0, 9, 9]);
  expect(plainJpegSize(Buffer.concat([bytes.subarray(0, 2), comment, bytes.subarray(2)]))).toEqual(size);
});

test.each([1, 6])("a JPEG with EXIF data, orientation %i, is left to those who know all of it", async (orientation) => {
  const bytes = await picture.clone().withMetadata({ orientation }).jpeg().toBuffer();
  expect(plainJpegSize(bytes)).toBeUndefined();
});

test("what is no JPEG has no size", async () => {
  for (const bytes of [Buffer.of(), Buffer.from("GIF89a.........."), await picture.clone().png().toBuffer()])
    expect(plainJpegSize(bytes)).toBeUndefined();
});

test("a JPEG with any damage in its head has a size or none, and its reading ends", async () => {
  const bytes = await jpeg();
  const damage = fc.array(fc.tuple(fc.nat(700), fc.nat(255)), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(damage, fc.nat(bytes.length), (changes, length) => {
      const damaged = Buffer.from(bytes).subarray(0, length);
      for (const [at, value] of changes) if (at < length) damaged[at] = value;
      const found = plainJpegSize(damaged);
      expect(found === undefined || (found.width > 0 && found.height > 0)).toBe(true);
    }),
  );
});
