import { ReviewError } from "../review-error.ts";

/**
 * Refuses what a JSON text can say and Postgres, Pub/Sub or UTF-8 cannot: NUL, and halves of surrogate pairs. Every
 * other character is kept as it came, and shown as text.
 * @param parts of a request, by name
 * @throws ReviewError `invalid`, naming each place
 */
export function refuseUnspeakable(parts: Record<string, unknown>): void {
  const errors = Object.entries(parts).flatMap(([name, part]) => [...unspeakable(part, [name])]);
  if (errors.length > 0)
    throw new ReviewError("invalid", "A text holds NUL, or half of a surrogate pair.", null, errors.slice(0, 20));
}

function* unspeakable(value: unknown, path: readonly string[]): Generator<{ path: string; message: string }> {
  if (typeof value === "string") {
    if (!isSpeakable(value)) yield { path: path.join("."), message: "holds NUL, or half of a surrogate pair" };
  } else if (typeof value === "object" && value !== null) {
    for (const [key, each] of Object.entries(value)) {
      if (!isSpeakable(key)) yield { path: path.join("."), message: "a name holds NUL, or half of a surrogate pair" };
      yield* unspeakable(each, [...path, key]);
    }
  }
}

const isSpeakable = (text: string) => !text.includes("\0") && text.isWellFormed();
