/**
 * A line of CSV as of RFC 4180. A cell that a spreadsheet would take for a formula gets an apostrophe in front, which
 * the spreadsheet does not show; whoever needs the bare text takes JSON Lines.
 */
export function csvLine(cells: readonly (string | number | null)[]): string {
  return `${cells.map(csvCell).join(",")}\r\n`;
}

function csvCell(value: string | number | null): string {
  if (value === null) return "";
  const text = String(value);
  const harmless = typeof value === "string" && startsFormula.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** The signs that begin a formula, their full-width forms, and the blanks that spreadsheets drop before them. */
const startsFormula = /^[\t\r\n ]*[=+\-@＝＋－＠]|^[\t\r]/;
