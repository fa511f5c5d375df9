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
import { withTriton } from "../models/bench/with-server.ts";
import { ModelToolError } from "../models/model-tool-error.ts";
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
  json?: string;
  plot?: string;
}

const defaultConcurrencies = [1, 2, 4, 8, 16];

/** @throws CommandError */
export async function runBench(names: string[], options: BenchOptions): Promise<void> {
  const { repository, server, source, images, generated, json, plot } = options;
  const models = [...new Set(names)];
  const stop = new AbortController();
  void stopSignal().then(() => stop.abort(new CommandError("stopped; nothing was written")));
  const { signal } = stop;
  const loads = loadsOf(options);
  const wishes: BenchWishes = {
    ...{ models, loads, picturesPerRequest: options.batch, seconds: options.seconds },
    pictures: images === undefined ? generatedPictures(generated) : await picturesIn(images),
  };
  for (const file of [json, plot]) if (file !== undefined) await checkWritable(file);
  try {
    const perfAnalyzer = await findPerfAnalyzer({ log: say, signal });
    let done = 0;
    const onResult = (result: LoadResult) => say(progressLine(result, ++done, loads.length * models.length));
    const measure = (target: ServerUnderLoad, until: AbortSignal) =>
      benchModels(wishes, target, perfAnalyzer, { onResult, signal: until, nowMs: Date.now });
    const report =
      server === undefined
        ? await withTriton({ repository, models, source, ports: await freePorts() }, { log: say, signal }, measure)
        : await measure({ address: server, description: `the server at ${server}` }, signal);
    await tell(report, options);
  } catch (error) {
    throw asCommandError(error);
  }
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

async function freePorts() {
  return { grpcPort: await freePort(), httpPort: await freePort(), metricsPort: await freePort() };
}

function asCommandError(error: unknown): unknown {
  const known = error instanceof BenchError || error instanceof ModelToolError || error instanceof InferenceError;
  return known ? new CommandError(error.message) : error;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
