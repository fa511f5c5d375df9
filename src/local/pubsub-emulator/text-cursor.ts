/** A filter that cannot be understood; `position` counts characters from 0. */
export class FilterSyntaxError extends Error {
  readonly code = "FILTER_SYNTAX";
  readonly position: number;
  constructor(problem: string, position: number) {
    super(`${problem} (at position ${position})`);
    this.name = "FilterSyntaxError";
    this.position = position;
  }
}

/** A place in a text that moves on as its parts are taken. All but `takeMatch` of a part skip white space first. */
export interface TextCursor {
  skipSpace(): number;
  atEnd(): boolean;
  startsWith(symbol: string): boolean;
  /** Whether the symbol came next; if so the cursor is behind it. */
  take(symbol: string): boolean;
  /** As `take`, but the word must not go on: "ANDROID" is not "AND". */
  takeWord(word: string): boolean;
  /** What a sticky pattern matches right here, without skipping space between its calls. */
  takeMatch(pattern: RegExp, options?: { skipSpace: boolean }): string | undefined;
  expect(symbol: string): void;
  /** The error that says what was looked for here and what was found. */
  unexpected(wanted: string): FilterSyntaxError;
}

export function createTextCursor(text: string): TextCursor {
  let position = 0;

  const matchAt = (pattern: RegExp) => {
    pattern.lastIndex = position;
    return pattern.exec(text)?.[0];
  };
  const skipSpace = () => {
    position += matchAt(/[ \t\r\n]*/y)?.length ?? 0;
    return position;
  };
  const unexpected = (wanted: string) => {
    skipSpace();
    const found = position < text.length ? JSON.stringify(matchAt(/[A-Za-z0-9_]+|./suy)) : "the end of the filter";
    return new FilterSyntaxError(`expected ${wanted}, found ${found}`, position);
  };
  const cursor: TextCursor = {
    skipSpace,
    unexpected,
    atEnd: () => skipSpace() === text.length,
    startsWith: (symbol) => text.startsWith(symbol, skipSpace()),
    take(symbol) {
      const found = cursor.startsWith(symbol);
      if (found) position += symbol.length;
      return found;
    },
    takeWord(word) {
      skipSpace();
      const found = matchAt(/[A-Za-z0-9_]+/y) === word;
      if (found) position += word.length;
      return found;
    },
    takeMatch(pattern, { skipSpace: skip } = { skipSpace: true }) {
      if (skip) skipSpace();
      const found = matchAt(pattern);
      position += found?.length ?? 0;
      return found;
    },
    expect(symbol) {
      if (!cursor.take(symbol)) throw unexpected(JSON.stringify(symbol));
    },
  };
  return cursor;
}
