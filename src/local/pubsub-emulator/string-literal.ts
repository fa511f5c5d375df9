import { FilterSyntaxError, type TextCursor } from "./text-cursor.ts";

/**
 * Reads a string in double quotes with the escapes \" \\ \' \n \r \t \a \b \f \v, \xHH, \uHHHH, \UHHHHHHHH and
 * octal \OOO.
 * @throws FilterSyntaxError
 */
export function readStringLiteral(cursor: TextCursor): string {
  const start = cursor.skipSpace();
  cursor.expect('"');
  let value = "";
  for (;;) {
    value += cursor.takeMatch(/[^"\\]*/y, here) ?? "";
    if (cursor.takeMatch(/"/y, here)) return value;
    const found = cursor.takeMatch(
      /\\(?:[0-7]{3}|x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|["\\'nrtabfv])/y,
      here,
    );
    if (found) value += meaningOf(found.slice(1), start);
    else if (cursor.takeMatch(/\\/y, here))
      throw new FilterSyntaxError("unknown escape in the string that begins", start);
    else throw new FilterSyntaxError("missing closing quote of the string that begins", start);
  }
}

const here = { skipSpace: false };

const controls: Record<string, string> = { n: "\n", r: "\r", t: "\t", a: "\x07", b: "\b", f: "\f", v: "\v" };

function meaningOf(code: string, start: number): string {
  if (/^[0-7]{3}$/.test(code)) return String.fromCodePoint(Number.parseInt(code, 8));
  if (code.length === 1) return controls[code] ?? code;
  const codePoint = Number.parseInt(code.slice(1), 16);
  if (codePoint > 0x10ffff) throw new FilterSyntaxError("no such character in the string that begins", start);
  return String.fromCodePoint(codePoint);
}
