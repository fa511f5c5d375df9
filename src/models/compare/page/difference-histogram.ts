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

/** At whole powers of ten, every second one named; the first range, below all of them, is "less". */
function ticks(): Markup[] {
  const named = histogramRanges.flatMap(({ from }, index) => {
    const power = Math.round(Math.log10(from) * 2) / 2;
    return index > 0 && power % 2 === 0 ? [{ power, x: plot.left + index * barWidth }] : [];
  });
  const end = { power: 0, x: size.width - plot.left };
  const less = html`<text class="tick" x="${plot.left}" y="${plot.bottom + 15}">less</text>`;
  return [
    less,
    ...[...named, end].map(({ power, x }) => {
      const anchor = power === 0 ? "end" : "middle";
      const value = power === 0 ? "1" : `0.${"0".repeat(-power - 1)}1`;
      return html`<line class="axis" x1="${x.toFixed(1)}" x2="${x.toFixed(1)}" y1="${plot.bottom}" y2="${plot.bottom + 4}"/><text class="tick" x="${x.toFixed(1)}" y="${plot.bottom + 15}" text-anchor="${anchor}">${value}</text>`;
    }),
  ];
}

function rangeInWords(index: number): string {
  const { from = 0, to = 1 } = histogramRanges[index] ?? {};
  return from === 0 ? `less than ${difference(to)}` : `${difference(from)} to ${difference(to)}`;
}
