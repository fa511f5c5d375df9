/**
 * Postgres holds every text but two kinds, in `text` and in `jsonb` alike: NUL, and halves of surrogate pairs. Both are
 * replaced by signs that people can see, so that hostile text is stored and judged like any other.
 */
import { createHash } from "node:crypto";

const symbolForNull = "\u2400";
const escapedByJson = /\\u(?:0000|d[89a-f][0-9a-f]{2})/;

/** The text with NUL as `␀` and halves of surrogate pairs as `�`. */
export function storableText(text: string): string {
  return text.replaceAll("\0", symbolForNull).toWellFormed();
}

/** As `storableText`; ids that differ still differ afterwards, since what was replaced shows as a hash at the end. */
export function storableId(id: string): string {
  const text = storableText(id);
  if (text === id) return id;
  // UTF-16, as UTF-8 has no word for halves of surrogate pairs and would make them equal.
  return `${text}~${createHash("sha256").update(Buffer.from(id, "utf16le")).digest("hex").slice(0, 12)}`;
}

/** The JSON of a value, every text in it storable, keys too. */
export function storableJson(value: unknown): string {
  const json = JSON.stringify(value);
  return escapedByJson.test(json) ? JSON.stringify(cleaned(value)) : json;
}

function cleaned(value: unknown): unknown {
  if (typeof value === "string") return storableText(value);
  if (Array.isArray(value)) return value.map(cleaned);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [storableText(key), cleaned(each)]));
}
