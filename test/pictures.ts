/** Small pictures for tests, made on the spot: a picture of four coloured quarters in many encodings. */
import { crc32, deflateSync } from "node:zlib";
import sharp, { type Sharp } from "sharp";

export type Colour = readonly [red: number, green: number, blue: number];

/** Left to right, top to bottom. */
export const quarterColours: readonly Colour[] = [
  [200, 40, 40],
  [40, 160, 60],
  [50, 60, 190],
  [210, 200, 60],
];

const width = 96;
const height = 64;

/** RGB pixels of the picture as it should be seen. */
const seen = (x: number, y: number): Colour => {
  const colour = quarterColours[(y < height / 2 ? 0 : 2) + (x < width / 2 ? 0 : 1)];
  if (!colour) throw new RangeError(`no pixel at ${x}, ${y}`);
  return colour;
};

function raw(size: { width: number; height: number }, pixel: (x: number, y: number) => Colour): Sharp {
  const pixels = Buffer.alloc(size.width * size.height * 3);
  for (let y = 0; y < size.height; y++) {
    for (let x = 0; x < size.width; x++) pixels.set(pixel(x, y), (y * size.width + x) * 3);
  }
  return sharp(pixels, { raw: { ...size, channels: 3 } });
}

/** The four quarters, not yet encoded. */
export const quarters = (): Sharp => raw({ width, height }, seen);

const jpeg = { quality: 95, chromaSubsampling: "4:4:4" } as const;

/** The picture in every format that is decoded. */
export const encodings = {
  jpeg: () => quarters().jpeg(jpeg).toBuffer(),
  "progressive jpeg": () =>
    quarters()
      .jpeg({ ...jpeg, progressive: true })
      .toBuffer(),
  png: () => quarters().png().toBuffer(),
  "interlaced png": () => quarters().png({ progressive: true }).toBuffer(),
  "palette png": () => quarters().png({ palette: true }).toBuffer(),
  webp: () => quarters().webp({ quality: 95 }).toBuffer(),
  "lossless webp": () => quarters().webp({ lossless: true }).toBuffer(),
  avif: () => quarters().avif({ quality: 90, effort: 0 }).toBuffer(),
  gif: () => quarters().gif().toBuffer(),
} as const satisfies Record<string, () => Promise<Buffer>>;

/**
 * The picture stored as a camera held in any of the eight ways would: turned or mirrored, with the EXIF orientation
 * (1 to 8, CIPA DC-008) that says how to show it.
 */
export function quartersStoredAs(orientation: number): Promise<Buffer> {
  const turned = orientation >= 5;
  const size = turned ? { width: height, height: width } : { width, height };
  // Where the stored pixel (x, y) is seen.
  const place: Record<number, (x: number, y: number) => [number, number]> = {
    1: (x, y) => [x, y],
    2: (x, y) => [width - 1 - x, y],
    3: (x, y) => [width - 1 - x, height - 1 - y],
    4: (x, y) => [x, height - 1 - y],
    5: (x, y) => [y, x],
    6: (x, y) => [width - 1 - y, x],
    7: (x, y) => [width - 1 - y, height - 1 - x],
    8: (x, y) => [y, height - 1 - x],
  };
  const at = place[orientation];
  if (!at) throw new RangeError(`EXIF has no orientation ${orientation}`);
  return raw(size, (x, y) => seen(...at(x, y)))
    .jpeg(jpeg)
    .withMetadata({ orientation })
    .toBuffer();
}

/** A PNG of a few bytes whose header claims any size. */
export function pngThatClaims(size: { width: number; height: number }): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size.width, 0);
  header.writeUInt32BE(size.height, 4);
  header.set([8, 2, 0, 0, 0], 8); // 8 bits, RGB, deflate, no filter, not interlaced.
  const signature = Buffer.from("89504e470d0a1a0a", "hex");
  const data = deflateSync(Buffer.alloc(1 << 20));
  return Buffer.concat([signature, chunk("IHDR", header), chunk("IDAT", data), chunk("IEND", Buffer.alloc(0))]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  framed.set(body, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}

/** The colour at the centre of each quarter of row-major RGB pixels. */
export function quartersOf(pixels: Uint8Array, size: { width: number; height: number }): Colour[] {
  return [0, 1, 2, 3].map((quarter) => {
    const x = Math.floor(size.width * (quarter % 2 === 0 ? 0.25 : 0.75));
    const y = Math.floor(size.height * (quarter < 2 ? 0.25 : 0.75));
    const [red = Number.NaN, green = Number.NaN, blue = Number.NaN] = pixels.subarray((y * size.width + x) * 3);
    return [red, green, blue];
  });
}

/** The largest difference of any channel between two lists of colours. */
export function difference(some: readonly Colour[], others: readonly Colour[]): number {
  return Math.max(
    ...some.flatMap((colour, index) =>
      colour.map((value, channel) => Math.abs(value - (others[index]?.[channel] ?? 999))),
    ),
  );
}
