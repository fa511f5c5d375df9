/** A chart as a table: what each line was in each stretch of minutes. */
import type { ChartPicture } from "./chart-picture.ts";

/** What a stretch is told by: its mean, the most it held, or how it ended. */
export type Telling = "mean" | "most" | "last";

export interface Span {
  /** When it began, ms since 1970. */
  fromMs: number;
  /** Per line; null: nothing is known of that time. */
  values: (number | null)[];
}

/** Stretches of `minutes`, the newest first; those of which nothing is known are left out at the far end only. */
export function spansOf(
  { timeline, lines }: Pick<ChartPicture, "timeline" | "lines">,
  minutes: number,
  telling: Telling,
): Span[] {
  const spanS = minutes * 60;
  const first = Math.floor((timeline.atS[0] ?? timeline.toS) / spanS);
  const last = Math.floor(timeline.toS / spanS);
  const spans: Span[] = [];
  for (let span = last; span >= first; span -= 1) {
    const within = (_: number | null, at: number) => Math.floor((timeline.atS[at] ?? 0) / spanS) === span;
    spans.push({
      fromMs: span * spanS * 1000,
      values: lines.map(({ values }) => told(values.filter(within), telling)),
    });
  }
  return spans;
}

function told(values: readonly (number | null)[], telling: Telling): number | null {
  const known = values.filter((value) => value !== null);
  const last = known.at(-1);
  if (last === undefined) return null;
  if (telling === "last") return last;
  return telling === "most" ? Math.max(...known) : known.reduce((sum, value) => sum + value, 0) / known.length;
}
