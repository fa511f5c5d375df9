import { access, constants, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { InferenceError } from "../inference/inference-client.ts";
import { freePort } from "../local/free-port.ts";
import { BenchError } from "../models/bench/bench-error.ts";
import { type BenchWishes, benchModels, type ServerUnderLoad } from "../models/bench/bench-models.ts";
import { benchPlot } from "../models/bench/bench-plot.ts";
import { benchTable } from "../models/bench/bench-table.ts";
import { findPerfAnalyzer } from "../models/bench/find-perf-analyzer.ts";
import { type Load, loadInWords } from "../models/bench/load.ts";
import type { BenchReport, LoadResult } from "../models/bench/measurement.ts";
import { withOriginal } from "../models/bench/original-model.ts";
import { withTriton } from "../models/bench/with-server.ts";
import { ConversionError } from "../models/convert/conversion-error.ts";
import { ModelToolError } from "../models/model-tool-error.ts";
import { ensureEnvironment } from "../models/python/environment.ts";
import type { TritonSource } from "../models/triton/start-triton.ts";
import { CommandError, exitCodes } from "./exit.ts";
import { generatedPictures, picturesIn } from "./model-pictures.ts";
import { stopSignal } from "./stop-signal.ts";

export interface BenchOptions {
  repository: string;
  server?: string;
  source: TritonSource;
  concurrency?: number[];
  rate?: number[];
  batch: number;
  seconds: number;
  images?: string;
  generated: number;
  original?: string;
  json?: string;
  plot?: string;
}

const defaultConcurrencies = [1, 2, 4, 8, 16];

/** @throws CommandError */
export async function runBench(names: string[], options: BenchOptions): Promise<void> {
  const { server, images, generated, json, plot, original } = options;
  if (server !== undefined && original !== undefined)
    throw new CommandError("--original needs a Triton of its own: leave --server out", exitCodes.usage);
  const stop = new AbortController();
  void stopSignal().then(() => stop.abort(new CommandError("stopped; nothing was written")));
  const { signal } = stop;
  const loads = loadsOf(options);
  const wishes: Omit<BenchWishes, "models"> = {
    ...{ loads, picturesPerRequest: options.batch, seconds: options.seconds },
    pictures: images === undefined ? generatedPictures(generated) : await picturesIn(images),
  };
  for (const file of [json, plot]) if (file !== undefined) await checkWritable(file);
  try {
    const perfAnalyzer = await findPerfAnalyzer({ log: say, signal });
    const measure = (models: readonly string[], target: ServerUnderLoad, until: AbortSignal) => {
      let done = 0;
      const onResult = (result: LoadResult) => say(progressLine(result, ++done, loads.length * models.length));
      return benchModels({ ...wishes, models }, target, perfAnalyzer, { onResult, signal: until, nowMs: Date.now });
    };
    const models = [...new Set(names)];
    const report =
      server === undefined
        ? await onOwnTriton(models, options, signal, measure)
        : await measure(models, { address: server, description: `the server at ${server}` }, signal);
    await tell(report, options);
  } catch (error) {
    throw asCommandError(error);
  }
}

type Measure = (models: readonly string[], server: ServerUnderLoad, signal: AbortSignal) => Promise<BenchReport>;

async function onOwnTriton(
  models: readonly string[],
  { repository, source, original }: BenchOptions,
  signal: AbortSignal,
  measure: Measure,
): Promise<BenchReport> {
  const how = { log: say, signal };
  const ports = { grpcPort: await freePort(), httpPort: await freePort(), metricsPort: await freePort() };
  if (original === undefined)
    return await withTriton({ repository, models, source, ports }, how, (...server) => measure(models, ...server));
  await using both = await withOriginal(original, { repository, models });
  // First, for the others are compared with it.
  const all = [both.name, ...models];
  const python = await ensureEnvironment("conversion", how);
  return await withTriton(
    { repository: both.repository, models: all, source: "wheel", ports, python },
    how,
    (...server) => measure(all, ...server),
  );
}

async function tell(report: BenchReport, { json, plot }: BenchOptions): Promise<void> {
  process.stdout.write(benchTable(report));
  if (json !== undefined) await writeFile(json, `${JSON.stringify(report, null, 2)}\n`);
  if (plot !== undefined) await writeFile(plot, benchPlot(report));
}

function loadsOf({ concurrency, rate }: BenchOptions): Load[] {
  const concurrencies = concurrency ?? (rate === undefined ? defaultConcurrencies : []);
  return [
    ...concurrencies.map((requests): Load => ({ kind: "concurrency", requests })),
    ...(rate ?? []).map((perSecond): Load => ({ kind: "rate", perSecond })),
  ];
}

function progressLine({ model, load, result }: LoadResult, done: number, all: number): string {
  const found =
    result.outcome === "measured"
      ? `${result.picturesPerSecond.toFixed(1)} pictures/s, p99 ${result.latencyMs.p99.toFixed(0)} ms`
      : "queue full";
  return `${done}/${all}  ${model}, ${loadInWords(load)}: ${found}`;
}

/** Before minutes of measuring, not after. @throws CommandError */
async function checkWritable(file: string): Promise<void> {
  await access(dirname(file), constants.W_OK).catch((error: Error) => {
    throw new CommandError(`${file} cannot be written: ${error.message}`, exitCodes.usage);
  });
}

function asCommandError(error: unknown): unknown {
  const known = [BenchError, ConversionError, InferenceError, ModelToolError].some((each) => error instanceof each);
  return known && error instanceof Error ? new CommandError(error.message) : error;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
