import type { Load } from "./load.ts";

export interface LevelOptions {
  model: string;
  /** HOST:PORT of the gRPC service. */
  address: string;
  load: Load;
  /** Pictures in each request. */
  picturesPerRequest: number;
  seconds: number;
  /** What perf_analyzer reads and writes. */
  inputFile: string;
  reportFile: string;
  /** Times between requests, for a rate. */
  intervalsFile: string;
}

/** Fewest that perf_analyzer takes a measurement of; they are reported as one. */
const windows = 3;

/**
 * perf_analyzer's command line for one model under one load.
 * (https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/perf_analyzer/docs/cli.html)
 */
export function perfArguments(options: LevelOptions): string[] {
  const { model, address, load, picturesPerRequest, seconds, inputFile, reportFile, intervalsFile } = options;
  const sending =
    load.kind === "concurrency"
      ? ["--concurrency-range", String(load.requests)]
      : // Its own random times fall short of the rate by a sixth. Asynchronous, or each thread would wait for answers.
        ["--request-intervals", intervalsFile, "--async"];
  return [
    ...["-m", model, "-u", address, "-i", "grpc", "-b", String(picturesPerRequest)],
    ...["--input-data", inputFile],
    ...sending,
    ...["--measurement-interval", String(Math.round((seconds * 1000) / windows))],
    // Any three windows will do: how much they differ is told, and what was measured is not thrown away.
    ...["--max-trials", String(windows), "--stability-percentage", "1000000"],
    ...["-v", "-f", reportFile, "--verbose-csv"],
  ];
}

const fewestIntervals = 20;
const mostIntervals = 100_000;

/**
 * Times between requests that come at random (a Poisson process), in whole microseconds, the same in every run.
 * Their mean is that of the rate; perf_analyzer begins again at their end.
 */
export function requestIntervals(perSecond: number, seconds: number): number[] {
  const count = Math.min(mostIntervals, Math.max(fewestIntervals, Math.ceil(perSecond * seconds)));
  const random = uniform(count);
  const gaps = Array.from({ length: count }, () => -Math.log(1 - random()));
  const scale = (1e6 * count) / perSecond / gaps.reduce((sum, gap) => sum + gap, 0);
  return gaps.map((gap) => Math.max(1, Math.round(gap * scale)));
}

/** Numbers in [0, 1): the linear congruential generator of Numerical Recipes. */
function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
