import pLimit from "p-limit";
import sharp, { type OutputInfo, type Sharp } from "sharp";
import { imageFormatOf } from "../../capture/image-format.ts";

/** `sharp`: all that was captured, as far as a screen shows it. `smoothed`: shapes and colours without detail. */
export type RenderedForm = "sharp" | "smoothed";

/** The kept bytes are no picture that could be shown. */
export class PictureError extends Error {
  readonly code = "unreadable";
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "PictureError";
  }
}

/** Longer edge in pixels: what a large screen shows, and what is left to see once smoothed. */
const longEdges = { sharp: 1920, smoothed: 960 } as const satisfies Record<RenderedForm, number>;

/** Share of the longer edge that the median filter's window measures. */
const smoothingShare = 1 / 64;

/** Of the JPEG. */
const quality = 88;

/** As many pixels as the pipeline decodes. */
const maxPixels = 50e6;

/** Decoding takes memory and a core each. */
const rendering = pLimit(2);

/**
 * Decodes a picture and encodes it anew, so that no byte of the sender's reaches a browser: upright, sRGB, on white,
 * without metadata, never enlarged.
 *
 * @param bytes JPEG, PNG, WebP, AVIF or GIF (its first frame)
 * @returns a JPEG
 * @throws PictureError
 */
export async function renderPicture(bytes: Uint8Array, form: RenderedForm): Promise<Buffer> {
  if (!imageFormatOf(bytes)) throw new PictureError("the bytes are of no format that is decoded");
  return rendering(async () => {
    try {
      const edge = longEdges[form];
      const upright = sharp(bytes, { autoOrient: true, failOn: "error", limitInputPixels: maxPixels, pages: 1 })
        .resize({ width: edge, height: edge, fit: "inside", withoutEnlargement: true })
        .flatten({ background: "#ffffff" })
        .toColourspace("srgb");
      return await (form === "sharp"
        ? upright
        : smooth(await upright.raw({ depth: "uchar" }).toBuffer({ resolveWithObject: true }))
      )
        .jpeg({ quality })
        .toBuffer();
    } catch (error) {
      throw new PictureError("the picture is damaged or too large", { cause: error });
    }
  });
}

/** A median filter: it keeps edges and takes away what is smaller than half its window. */
function smooth({ data, info }: { data: Buffer; info: OutputInfo }): Sharp {
  const { width, height, channels } = info;
  // Odd, so that the window has a middle; 1 would change nothing.
  const window = Math.max(3, 2 * Math.round((Math.max(width, height) * smoothingShare) / 2) + 1);
  return sharp(data, { raw: { width, height, channels } }).median(window);
}
