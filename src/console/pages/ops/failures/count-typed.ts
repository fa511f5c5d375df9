/** A count as somebody typed it, with spaces or commas between thousands or without; null: no count. */
export function countTyped(typed: string): number | null {
  const digits = typed.replace(/[\s,]/g, "");
  return /^\d{1,9}$/.test(digits) ? Number(digits) : null;
}
