import { z } from "zod";
import { BenchError } from "./bench-error.ts";
import { type Measurement, percentiles } from "./measurement.ts";

const Microseconds = z.coerce.number().nonnegative();
/** Columns of the report; servers without statistics have no times of their own. */
const Row = z.object({
  "Inferences/Second": z.coerce.number().positive(),
  "Server Queue": Microseconds.optional(),
  "Server Compute Input": Microseconds.optional(),
  "Server Compute Infer": Microseconds.optional(),
  "Server Compute Output": Microseconds.optional(),
  "p50 latency": Microseconds,
  "p90 latency": Microseconds,
  "p95 latency": Microseconds,
  "p99 latency": Microseconds,
});

/**
 * Reads what perf_analyzer reports of one load.
 * @param csv its report: a line of names and one of values
 * @param output its standard output, which alone has the counts
 * @throws BenchError when they are not what perf_analyzer 2.51 writes
 */
export function parsePerfReport(csv: string, output: string): Measurement {
  const [names = [], values = []] = csv
    .trim()
    .split(/\r?\n/)
    .map((line) => line.split(","));
  const cells = names.flatMap((name, column) => (values[column] ? [[name, values[column]]] : []));
  const { success, data: row, error } = Row.safeParse(Object.fromEntries(cells));
  const requests = numberAfter(output, /^ {4}Request count: (\d+)/m);
  if (!success || requests === undefined)
    throw new BenchError(
      `perf_analyzer's report is not understood: ${success ? "no request count" : z.prettifyError(error)}`,
    );
  const inferences = numberAfter(output, /^ {4}Inference count: (\d+)/m);
  const executions = numberAfter(output, /^ {4}Execution count: (\d+)/m);
  const compute = (["Input", "Infer", "Output"] as const).map((part) => row[`Server Compute ${part}`]);
  return {
    outcome: "measured",
    requests,
    picturesPerSecond: row["Inferences/Second"],
    latencyMs: Object.fromEntries(
      percentiles.map((each) => [each, row[`${each} latency`] / 1000]),
    ) as Measurement["latencyMs"],
    meanBatch: inferences && executions ? inferences / executions : undefined,
    queueMs: row["Server Queue"] === undefined ? undefined : row["Server Queue"] / 1000,
    computeMs: compute.reduce<number | undefined>(
      (sum, part) => (sum === undefined || part === undefined ? undefined : sum + part / 1000),
      0,
    ),
    windows: [...output.matchAll(/^ {2}Pass \[\d+\] throughput: ([\d.]+)/gm)].map(([, value]) => Number(value)),
    delayedShare: (numberAfter(output, /([\d.]+)% of the requests were delayed/) ?? 0) / 100,
  };
}

function numberAfter(text: string, pattern: RegExp): number | undefined {
  const [, digits] = pattern.exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits);
}
