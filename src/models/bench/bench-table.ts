import { loadInWords } from "./load.ts";
import { type BenchReport, type LoadResult, percentiles } from "./measurement.ts";

const headings = [
  "load",
  "model",
  "pictures/s",
  "p50 ms",
  "p90 ms",
  "p95 ms",
  "p99 ms",
  "batch",
  "queue ms",
  "compute ms",
];
/** Columns of words; the others are numbers. */
const wordColumns = 2;

/** The results as a table, and what the models are worth against each other, ending with a newline. */
export function benchTable({ results, models }: Pick<BenchReport, "results" | "models">): string {
  const rows = results.map(rowOf);
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) =>
        column < wordColumns ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd();
  const notes = [
    ...steadiness(results),
    ...comparison(
      results,
      models.map(({ name }) => name),
    ),
  ];
  return `${[line(headings), ...rows.map(line), ...(notes.length > 0 ? ["", ...notes] : [])].join("\n")}\n`;
}

function rowOf({ model, load, result }: LoadResult): string[] {
  const begin = [loadInWords(load), model];
  if (result.outcome === "overloaded") return [...begin, "queue full"];
  const { picturesPerSecond, latencyMs, meanBatch, queueMs, computeMs } = result;
  const times = percentiles.map((each) => milliseconds(latencyMs[each]));
  return [
    ...begin,
    picturesPerSecond.toFixed(1),
    ...times,
    meanBatch?.toFixed(1) ?? "–",
    milliseconds(queueMs),
    milliseconds(computeMs),
  ];
}

function milliseconds(value: number | undefined): string {
  if (value === undefined) return "–";
  return value.toFixed(value < 100 ? 1 : 0);
}

/** From here on a difference between models may be chance. */
const unsteadyShare = 0.2;

/**
 * How far the three windows of a measurement lay apart, at the worst, and whether the client itself was too slow. Rates
 * come at random times, so that windows of theirs differ anyway.
 */
function steadiness(results: readonly LoadResult[]): string[] {
  const measured = results.flatMap(({ load, result }) => (result.outcome === "measured" ? [{ load, ...result }] : []));
  const spreads = measured
    .filter(({ load }) => load.kind === "concurrency")
    .map(({ windows }) => (Math.max(...windows) - Math.min(...windows)) / (Math.max(...windows) || 1));
  const unsteady = spreads.filter((spread) => spread > unsteadyShare).length;
  const worst = Math.round(100 * Math.max(0, ...spreads));
  const late = measured.filter(({ delayedShare }) => delayedShare > 0).length;
  const notes: string[] = [];
  if (unsteady > 0)
    notes.push(
      `Unsteady: in ${unsteady} of ${spreads.length} the throughput changed by more than 20 % meanwhile (at the worst ${worst} %)`,
    );
  if (late > 0)
    notes.push(`The client fell behind in ${late} of ${measured.length}: their rates are below what was asked`);
  return notes;
}

/** Each model's best throughput under a concurrency, against the first one's. */
function comparison(results: readonly LoadResult[], models: readonly string[]): string[] {
  const best = (model: string) =>
    Math.max(
      0,
      ...results.map(({ model: of, load, result }) =>
        of === model && load.kind === "concurrency" && result.outcome === "measured" ? result.picturesPerSecond : 0,
      ),
    );
  const [first, ...others] = models;
  const reference = first === undefined ? 0 : best(first);
  if (reference === 0) return [];
  return others
    .filter((model) => best(model) > 0)
    .map(
      (model) =>
        `${model}: ${(best(model) / reference).toFixed(2)} times the best throughput of ${first} (${best(model).toFixed(1)} ÷ ${reference.toFixed(1)} pictures/s)`,
    );
}
