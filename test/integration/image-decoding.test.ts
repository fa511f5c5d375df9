import fc from "fast-check";
import sharp from "sharp";
import { expect, test } from "vitest";
import { decodeImage, ImageError } from "../../src/workers/preprocess/decode-image.ts";
import {
  type Colour,
  difference,
  encodings,
  pngThatClaims,
  quarterColours,
  quarters,
  quartersOf,
  quartersStoredAs,
} from "../pictures.ts";

const size = { width: 32, height: 32 };
const decode = (bytes: Uint8Array, maxPixels = 50e6) => decodeImage(bytes, size, maxPixels);

async function expectQuarters(bytes: Uint8Array, colours: readonly Colour[] = quarterColours, tolerance = 8) {
  const pixels = await decode(bytes);
  expect(pixels).toHaveLength(size.width * size.height * 3);
  expect(difference(quartersOf(pixels, size), colours)).toBeLessThanOrEqual(tolerance);
}

const codeOf = (bytes: Uint8Array, maxPixels?: number): Promise<string> =>
  decode(bytes, maxPixels).then(
    () => "decoded",
    (error: unknown) => {
      if (!(error instanceof ImageError)) throw error;
      return error.code;
    },
  );

test.each(Object.entries(encodings))("a picture encoded as %s is decoded", async (_, encode) => {
  await expectQuarters(await encode());
});

test.each([1, 2, 3, 4, 5, 6, 7, 8])("a picture stored in EXIF orientation %i is seen upright", async (orientation) => {
  await expectQuarters(await quartersStoredAs(orientation));
});

test("a picture is stretched to the size and not cropped", async () => {
  const pixels = await decodeImage(await encodings.png(), { width: 48, height: 16 }, 50e6);
  expect(difference(quartersOf(pixels, { width: 48, height: 16 }), quarterColours)).toBeLessThanOrEqual(2);
});

test("a small picture is enlarged", async () => {
  const dot = await sharp({ create: { width: 1, height: 1, channels: 3, background: "#336699" } })
    .png()
    .toBuffer();
  const pixels = await decode(dot);
  expect(pixels).toHaveLength(size.width * size.height * 3);
  expect([...new Set(pixels)]).toEqual([0x33, 0x66, 0x99]);
});

test("a CMYK JPEG becomes RGB", async () => {
  const cmyk = await quarters().toColourspace("cmyk").jpeg({ quality: 95 }).toBuffer();
  expect((await sharp(cmyk).metadata()).space).toBe("cmyk");
  await expectQuarters(cmyk, quarterColours, 60); // Print inks cannot show these colours exactly.
});

test.each(["jpeg", "png", "webp"] as const)("a grey %s becomes RGB of three equal channels", async (format) => {
  const pixels = await decode(await quarters().greyscale().toFormat(format).toBuffer());
  expect(pixels).toHaveLength(size.width * size.height * 3);
  for (const [red, green, blue] of quartersOf(pixels, size)) {
    expect(Math.abs(red - green)).toBeLessThanOrEqual(1);
    expect(Math.abs(green - blue)).toBeLessThanOrEqual(1);
  }
});

test("what is transparent shows white behind it", async () => {
  const clear = { create: { width: 8, height: 8, channels: 4, background: { r: 9, g: 9, b: 9, alpha: 0 } } } as const;
  for (const format of ["png", "webp", "gif"] as const) {
    expect([...new Set(await decode(await sharp(clear).toFormat(format).toBuffer()))]).toEqual([255]);
  }
});

test("a grey picture with transparency is flattened too", async () => {
  const half = { create: { width: 8, height: 8, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0.5 } } } as const;
  const png = await sharp(half).toColourspace("b-w").png().toBuffer();
  expect(await sharp(png).metadata()).toMatchObject({ channels: 2, hasAlpha: true });
  const values = [...new Set(await decode(png))];
  expect(values).toHaveLength(1);
  expect(Math.abs((values[0] ?? 0) - 127)).toBeLessThanOrEqual(2);
});

test("a PNG of 16 bits a channel becomes 8 bits", async () => {
  const png = await quarters().toColourspace("rgb16").png().toBuffer();
  expect((await sharp(png).metadata()).depth).toBe("ushort");
  await expectQuarters(png);
});

test("a grey PNG of 16 bits becomes 8 bits", async () => {
  const png = await sharp({ create: { width: 8, height: 8, channels: 3, background: "#808080" } })
    .toColourspace("grey16")
    .png()
    .toBuffer();
  expect((await sharp(png).metadata()).depth).toBe("ushort");
  const values = [...new Set(await decode(png))];
  expect(values.every((value) => Math.abs(value - 0x80) <= 1)).toBe(true);
});

test("colours of an ICC profile are converted to sRGB", async () => {
  const wide = await quarters().withIccProfile("p3").png().toBuffer();
  const { icc } = await sharp(wide).metadata();
  expect(icc).toBeDefined();
  const stored = await sharp(wide, { ignoreIcc: true }).raw().toBuffer();
  expect(difference(quartersOf(stored, { width: 96, height: 64 }), quarterColours)).toBeGreaterThan(8);
  await expectQuarters(wide);
});

test("of an animation the first frame is taken", async () => {
  const black = { create: { width: 96, height: 64, channels: 3, background: "#000" } } as const;
  const frames = [await encodings.png(), await sharp(black).png().toBuffer()];
  for (const format of ["gif", "webp"] as const) {
    const animation = await sharp(frames, { join: { animated: true } })
      .toFormat(format)
      .toBuffer();
    expect((await sharp(animation).metadata()).pages).toBe(2);
    await expectQuarters(animation, quarterColours, 12);
  }
});

test("an image of more pixels than allowed is refused", async () => {
  const png = await encodings.png();
  expect(await codeOf(png, 96 * 64)).toBe("decoded");
  expect(await codeOf(png, 96 * 64 - 1)).toBe("too-many-pixels");
});

test.each([[{ width: 100_000, height: 100_000 }], [{ width: 7_072, height: 7_072 }]])(
  "a PNG of a few bytes that claims %o pixels is refused unopened",
  async (claim) => {
    expect(await codeOf(pngThatClaims(claim))).toBe("too-many-pixels");
  },
);

test.each([
  ["SVG", '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'],
  ["SVG with a prologue", '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'],
  ["PDF", "%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj"],
  ["web page", "<!doctype html><title>not found</title>"],
])("what is a %s in truth is refused", async (_, text) => {
  expect(await codeOf(Buffer.from(text))).toBe("unsupported-format");
});

test("a TIFF is refused though libvips could read it", async () => {
  expect(await codeOf(await quarters().tiff().toBuffer())).toBe("unsupported-format");
});

test("no bytes are no image", async () => {
  expect(await codeOf(new Uint8Array())).toBe("image-empty");
});

test.each(Object.entries(encodings))("a %s cut off anywhere within its picture is refused", async (_, encode) => {
  const whole = await encode();
  for (const share of [0.02, 0.1, 0.3, 0.5, 0.7, 0.9]) {
    const part = whole.subarray(0, Math.floor(whole.length * share));
    expect(["image-corrupt", "unsupported-format"], `cut to ${part.length} of ${whole.length} bytes`).toContain(
      await codeOf(part),
    );
  }
});

test("any bytes behind any format's signature are decoded or refused, and nothing worse", async () => {
  const heads = await Promise.all(Object.values(encodings).map((encode) => encode()));
  const hostile = fc
    .record({
      head: fc.constantFrom(...heads),
      keep: fc.double({ min: 0, max: 1, noNaN: true }),
      tail: fc.uint8Array({ maxLength: 2_000 }),
    })
    .map(({ head, keep, tail }) =>
      Buffer.concat([head.subarray(0, Math.max(12, Math.floor(head.length * keep))), tail]),
    );
  await fc.assert(
    fc.asyncProperty(hostile, async (bytes) => {
      expect(["decoded", "image-corrupt", "too-many-pixels"]).toContain(await codeOf(bytes));
    }),
    { numRuns: 300, seed: 7 },
  );
});

test("a picture with damage within its data is decoded or refused, and nothing worse", async () => {
  const wholes = await Promise.all(Object.values(encodings).map((encode) => encode()));
  const damaged = fc
    .tuple(
      fc.constantFrom(...wholes),
      fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), fc.nat(255)), {
        minLength: 1,
        maxLength: 20,
      }),
    )
    .map(([whole, changes]) => {
      const bytes = Buffer.from(whole);
      for (const [at, value] of changes) bytes[12 + Math.floor(at * (bytes.length - 12))] = value;
      return bytes;
    });
  await fc.assert(
    fc.asyncProperty(damaged, async (bytes) => {
      expect(["decoded", "image-corrupt", "too-many-pixels", "unsupported-format"]).toContain(await codeOf(bytes));
    }),
    { numRuns: 300, seed: 7 },
  );
});
