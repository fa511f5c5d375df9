import { InvalidArgumentError } from "commander";

const unitsMs: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** "30s", "500ms", "5m", "1h" → milliseconds. @throws InvalidArgumentError */
export function parseDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text);
  const unitMs = unitsMs[match?.[2] ?? ""];
  if (!match || !unitMs) throw new InvalidArgumentError("must be a number with a unit: 500ms, 30s, 5m or 1h.");
  return Number(match[1]) * unitMs;
}

/** A parser for whole numbers in a range. */
export function wholeNumber(minimum: number, maximum: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^-?\d+$/.test(text) && value >= minimum && value <= maximum) return value;
    throw new InvalidArgumentError(`must be a whole number from ${minimum} to ${maximum}.`);
  };
}

/** A parser for numbers above 0. */
export function positiveNumber(maximum: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+(\.\d+)?$/.test(text) && value > 0 && value <= maximum) return value;
    throw new InvalidArgumentError(`must be a number above 0 and at most ${maximum}.`);
  };
}

const longestStreamId = 200;

/** A stream's id, short enough that ids of its captures can begin with it. */
export function parseStreamId(text: string): string {
  if (text.length > 0 && text.length <= longestStreamId && text.isWellFormed()) return text;
  throw new InvalidArgumentError(`must have 1 to ${longestStreamId} characters.`);
}
