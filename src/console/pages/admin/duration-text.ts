/** Durations as people type them: "90 s", "2 min", "1:30", "1:00:00", "1 h", "2d". */

const units: Record<string, number> = {
  s: 1_000,
  sec: 1_000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Milliseconds; null if the text is no duration. A number alone is one of nothing, and so is none. */
export function parseDuration(text: string): number | null {
  const trimmed = text.trim().toLowerCase();
  const clock = /^(?:(\d{1,4}):)?(\d{1,4}):([0-5]\d)$/.exec(trimmed);
  if (clock) return ((Number(clock[1] ?? 0) * 60 + Number(clock[2])) * 60 + Number(clock[3])) * 1_000;
  const counted = /^(\d{1,9}(?:\.\d{1,3})?)\s*([a-z]+)$/.exec(trimmed);
  const unitMs = units[counted?.[2] ?? ""];
  return counted && unitMs !== undefined ? Math.round(Number(counted[1]) * unitMs) : null;
}

/** The shortest such text: in the largest unit that divides it. */
export function durationText(ms: number): string {
  for (const unit of ["h", "min", "s"] as const) {
    const unitMs = units[unit] ?? 1;
    if (ms >= unitMs && ms % unitMs === 0) return `${ms / unitMs} ${unit}`;
  }
  return `${ms / 1_000} s`;
}
