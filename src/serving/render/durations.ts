const unitsMs: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** Milliseconds of a duration such as 50ms, 2s, 5m or 1h, as the schema allows it. */
export function durationMs(text: string): number {
  const [, count, unit] = /^(\d+)(ms|s|m|h)$/.exec(text) ?? [];
  const unitMs = unitsMs[unit ?? ""];
  if (unitMs === undefined) throw new RangeError(`"${text}" is no duration such as 50ms, 2s or 5m`);
  return Number(count) * unitMs;
}
