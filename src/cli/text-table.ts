import { styleText } from "node:util";

const gap = "  ";

/** Lines with columns as wide as their widest cell; nothing at the ends of lines. */
export function textTable(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows)
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, cell.length);
  return rows.map((row) =>
    row
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join(gap)
      .trimEnd(),
  );
}

/** The same with a head, and figures standing right. @param left how many of the columns are text */
export function figureTable(head: readonly string[], rows: readonly (readonly string[])[], left: number): string[] {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => (column < left ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join(gap)
      .trimEnd();
  return [styleText("dim", line(head)), ...rows.map(line)];
}
