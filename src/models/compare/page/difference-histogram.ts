import type { ClassDifference } from "../comparison.ts";
import { decimalPlace, difference } from "../figures.ts";
import { histogramRanges } from "../score-difference.ts";
import { html, type Markup } from "./markup.ts";

const size = { width: 360, height: 170 };
const plot = { left: 4, top: 26, bottom: 132 };
const barWidth = (size.width - 2 * plot.left) / histogramRanges.length;

/** How many pictures differ by how much, in one class: a bar for each range, the ranges in powers of ten. */
export function differenceHistogram({ label, histogram, largest, fromDecimal }: ClassDifference): Markup {
  const highest = Math.max(1, ...histogram);
  const bars = histogram.map((count, index) => {
    const height = (count / highest) * (plot.bottom - plot.top);
    const x = plot.left + index * barWidth;
    // A picture alone among thousands must be seen, too.
    const shown = count > 0 ? Math.max(2, height) : 0;
    const bar = html`<rect class="bar" x="${(x + 1).toFixed(1)}" y="${(plot.bottom - shown).toFixed(1)}" width="${(barWidth - 2).toFixed(1)}" height="${shown.toFixed(1)}"/>`;
    return html`<g><title>${count} pictures: ${rangeInWords(index)}</title><rect class="catch" x="${x.toFixed(1)}" y="${plot.top}" width="${barWidth.toFixed(1)}" height="${plot.bottom - plot.top}"/>${bar}${countAbove(count, x, plot.bottom - shown)}</g>`;
  });
  const summary = `${label}: largest difference ${difference(largest)}, from decimal place ${decimalPlace(fromDecimal)}`;
  return html`<svg viewBox="0 0 ${size.width} ${size.height}" role="img" aria-label="${summary}">
<line class="axis" x1="${plot.left}" x2="${size.width - plot.left}" y1="${plot.bottom}" y2="${plot.bottom}"/>
${bars}
${ticks()}
<text class="tick" x="${size.width / 2}" y="${size.height - 4}" text-anchor="middle">difference of the score</text>
</svg>`;
}

/** Counts stand above bars where there is room for them. */
function countAbove(count: number, x: number, top: number): Markup {
  if (count === 0 || String(count).length > 3) return html``;
  return html`<text class="count" x="${(x + barWidth / 2).toFixed(1)}" y="${(top - 3).toFixed(1)}" text-anchor="middle">${count}</text>`;
}

/** At every second power of ten; the first range is all that lies below. */
function ticks(): Markup[] {
  const named = histogramRanges.flatMap(({ from }, index) => {
    const power = Math.round(Math.log10(from) * 2) / 2;
    return index > 1 && power % 2 === 0 ? [{ text: `10${raised(power)}`, x: plot.left + index * barWidth }] : [];
  });
  const first = html`<text class="tick" x="${plot.left}" y="${plot.bottom + 15}">&lt; 10${raised(-8)}</text>`;
  const last = { text: "1", x: size.width - plot.left };
  return [
    first,
    ...[...named, last].map(({ text, x }) => {
      const at = x.toFixed(1);
      const line = html`<line class="axis" x1="${at}" x2="${at}" y1="${plot.bottom}" y2="${plot.bottom + 4}"/>`;
      return html`${line}<text class="tick" x="${at}" y="${plot.bottom + 15}" text-anchor="${text === "1" ? "end" : "middle"}">${text}</text>`;
    }),
  ];
}

/** -8 → "⁻⁸" */
function raised(power: number): string {
  return `⁻${"⁰¹²³⁴⁵⁶⁷⁸⁹"[-power] ?? ""}`;
}

function rangeInWords(index: number): string {
  const { from = 0, to = 1 } = histogramRanges[index] ?? {};
  return from === 0 ? `less than ${difference(to)}` : `${difference(from)} to ${difference(to)}`;
}
