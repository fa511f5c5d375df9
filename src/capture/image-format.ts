/** The formats that are decoded. Everything else (SVG, PDF, TIFF, HEIC …) is refused before a decoder sees it. */
export type ImageFormat = "jpeg" | "png" | "webp" | "avif" | "gif";

/**
 * The format that the first bytes of a file announce, undefined for all that is not decoded. Names and media types
 * are not looked at: they are the sender's word, and libvips would go by the bytes as well.
 */
export function imageFormatOf(bytes: Uint8Array): ImageFormat | undefined {
  const text = (from: number, to: number) => String.fromCharCode(...bytes.subarray(from, to));
  if (text(0, 3) === "\xff\xd8\xff") return "jpeg";
  if (text(0, 8) === "\x89PNG\r\n\x1a\n") return "png";
  if (text(0, 4) === "RIFF" && text(8, 12) === "WEBP") return "webp";
  if (text(0, 6) === "GIF87a" || text(0, 6) === "GIF89a") return "gif";
  if (text(4, 8) === "ftyp" && brandsOf(bytes).some((brand) => brand === "avif" || brand === "avis")) return "avif";
  return undefined;
}

/** Major and compatible brands of an ISO base media file: box size, "ftyp", major brand, version, further brands. */
function brandsOf(bytes: Uint8Array): string[] {
  const size = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0);
  const end = Math.min(size, bytes.length, 256);
  const brands: string[] = [];
  for (let at = 8; at + 4 <= end; at += at === 8 ? 8 : 4)
    brands.push(String.fromCharCode(...bytes.subarray(at, at + 4)));
  return brands;
}
