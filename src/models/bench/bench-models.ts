/**
 * The load test: for each load, one model after the other, so that whatever else the machine does meanwhile meets all
 * of them alike.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInferenceClient } from "../../inference/grpc-inference-client.ts";
import { type InferenceClient, InferenceError, type ModelMetadata } from "../../inference/inference-client.ts";
import { rowBytesOf, tensorSpecOf } from "../../inference/tensor-spec.ts";
import type { PictureSource } from "../convert/picture-tensor.ts";
import { BenchError } from "./bench-error.ts";
import type { PerfAnalyzer } from "./find-perf-analyzer.ts";
import type { Load } from "./load.ts";
import { measureLoad } from "./measure-load.ts";
import type { BenchReport, LoadResult } from "./measurement.ts";
import { writePerfInput } from "./perf-input.ts";

export interface BenchWishes {
  models: readonly string[];
  loads: readonly Load[];
  picturesPerRequest: number;
  /** How long each model is measured under each load. */
  seconds: number;
  pictures: PictureSource;
}

export interface ServerUnderLoad {
  /** HOST:PORT of its gRPC service. */
  address: string;
  description: string;
}

export interface BenchProgress {
  onResult: (result: LoadResult) => void;
  signal?: AbortSignal;
  nowMs: () => number;
}

/** @throws BenchError when a model is not there, or a load cannot be measured; ModelToolError, InferenceError */
export async function benchModels(
  wishes: BenchWishes,
  server: ServerUnderLoad,
  perfAnalyzer: PerfAnalyzer,
  { onResult, signal, nowMs }: BenchProgress,
): Promise<BenchReport> {
  const { loads, picturesPerRequest, seconds } = wishes;
  const measuredAt = new Date(nowMs()).toISOString();
  const scratch = await mkdtemp(join(tmpdir(), "briareus-bench-"));
  const at = (file: string) => join(scratch, file);
  const client = createInferenceClient({ address: server.address });
  try {
    const models: ModelMetadata[] = [];
    for (const name of wishes.models) {
      const metadata = await metadataOf(client, name, server.address, signal);
      if (picturesPerRequest > Math.max(1, metadata.maxBatchSize))
        throw new BenchError(
          `${name} takes ${Math.max(1, metadata.maxBatchSize)} pictures in a request: lower --batch`,
        );
      await writePerfInput(wishes.pictures, metadata, at(`${name}.json`));
      await warmUp(client, metadata, signal);
      models.push(metadata);
    }
    const results: LoadResult[] = [];
    for (const load of loads)
      for (const { name } of models) {
        const files = { inputFile: at(`${name}.json`), reportFile: at("report.csv"), intervalsFile: at("intervals") };
        const options = { model: name, address: server.address, load, picturesPerRequest, seconds, ...files };
        const result = await measureLoad(perfAnalyzer, options, signal);
        results.push({ model: name, load, result });
        onResult({ model: name, load, result });
      }
    return {
      measuredAt,
      server: server.description,
      perfAnalyzer: perfAnalyzer.version,
      pictures: wishes.pictures.description,
      picturesPerRequest,
      secondsPerLoad: seconds,
      models: models.map(({ name, versions, input, maxBatchSize }) => ({
        ...{ name, version: versions.at(-1) ?? "", maxBatchSize },
        input: `${input.datatype} [${input.shape.join(", ")}]`,
      })),
      results,
    };
  } finally {
    client.close();
    await rm(scratch, { recursive: true, force: true });
  }
}

async function metadataOf(
  client: InferenceClient,
  name: string,
  address: string,
  signal?: AbortSignal,
): Promise<ModelMetadata> {
  return await client.metadata(name, { signal }).catch((error: unknown) => {
    if (!(error instanceof InferenceError)) throw error;
    const missing = /unknown model|not found/i.test(error.message);
    if (missing) throw new BenchError(`the server at ${address} has no model "${name}"`, { cause: error });
    throw new BenchError(`${name}: ${error.message}`, { cause: error });
  });
}

const warmUpRounds = 2;
const warmUpLimitMs = 120_000;

/** The first batches of a size are slow: memory is taken, kernels are chosen. Nothing of that is to be measured. */
async function warmUp(client: InferenceClient, metadata: ModelMetadata, signal?: AbortSignal): Promise<void> {
  const rowBytes = rowBytesOf(tensorSpecOf(metadata));
  for (const rows of new Set([1, Math.max(1, metadata.maxBatchSize)]))
    for (let round = 0; round < warmUpRounds; round++) {
      const limits = { deadlineAtMs: Date.now() + warmUpLimitMs, signal };
      await client.infer(metadata.name, { bytes: new Uint8Array(rows * rowBytes), rows }, limits).catch((error) => {
        if (!(error instanceof InferenceError)) throw error;
        throw new BenchError(`${metadata.name} does not answer: ${error.message}`, { cause: error });
      });
    }
}
