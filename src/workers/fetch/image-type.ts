/** Bytes that are enough to tell. */
export const signatureBytes = 16;

/**
 * The media type of an image by its first bytes, undefined for what is no raster image. More types are told than
 * the pipeline decodes: `unsupported-format` says more to a publisher than `wrong-type`.
 */
export function imageTypeOf(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, signatureBytes)).toString("latin1");
  if (head.startsWith("\xff\xd8\xff")) return "image/jpeg";
  if (head.startsWith("\x89PNG\r\n\x1a\n")) return "image/png";
  if (head.startsWith("RIFF") && head.startsWith("WEBP", 8)) return "image/webp";
  if (head.startsWith("GIF87a") || head.startsWith("GIF89a")) return "image/gif";
  if (head.startsWith("ftyp", 4)) return isoImageTypes[head.slice(8, 12)];
  if (head.startsWith("\xff\x0a") || head.startsWith("\0\0\0\x0cJXL \r\n\x87\n")) return "image/jxl";
  if (["II*\0", "II+\0", "MM\0*", "MM\0+"].some((signature) => head.startsWith(signature))) return "image/tiff";
  // A bitmap's two letters are too little; four bytes of its header are always zero.
  if (head.startsWith("BM") && head.startsWith("\0\0\0\0", 6)) return "image/bmp";
  return undefined;
}

/** Major brands of ISO base media files. The general ones of HEIF may hold AVIF as well. */
const isoImageTypes: Record<string, string | undefined> = {
  avif: "image/avif",
  avis: "image/avif",
  mif1: "image/heif",
  msf1: "image/heif",
  heic: "image/heic",
  heix: "image/heic",
  heim: "image/heic",
  heis: "image/heic",
  hevc: "image/heic",
  hevx: "image/heic",
};
