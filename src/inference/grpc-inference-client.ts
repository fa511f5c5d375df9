import { createBufferPool } from "../memory/buffer-pool.ts";
import type { Logger } from "../telemetry/logger.ts";
import { batchScoresOf, joinScores } from "./batch-scores.ts";
import { createCircuitBreaker } from "./circuit-breaker.ts";
import { inferRequestBytes } from "./infer-request-bytes.ts";
import { type BatchScores, type InferenceClient, InferenceError, type ModelMetadata } from "./inference-client.ts";
import { modelMetadataOf } from "./model-metadata.ts";
import type { MethodName, Request, Response } from "./protocol.ts";
import { type CallOptions, createUnaryCalls } from "./unary-calls.ts";

/** Metadata is asked for again after this long, so that a new version's labels are soon known. */
const metadataMaxAgeMs = 5_000;
const metadataTimeoutMs = 5_000;
const probeTimeoutMs = 1_000;
/** Unused memory for requests: four of 16 pictures of 224 x 224 x 3 bytes, in buffers of powers of two. */
const keptBytes = 16 << 20;

/**
 * Client of a KServe v2 gRPC server: Triton, Envoy before several of them, or our own model server.
 * @param options.address HOST:PORT; a name with several addresses is balanced over all of them
 * @param options.maxMessageBytes largest message sent or received; 64 MiB by default
 * @param options.probeDelaysMs waits before the probes of a server that is away, the last one repeated
 */
export function createInferenceClient(options: {
  address: string;
  maxMessageBytes?: number;
  probeDelaysMs?: readonly number[];
  log?: Logger;
}): InferenceClient {
  const { address, maxMessageBytes = 64 << 20, probeDelaysMs, log } = options;
  const calls = createUnaryCalls({ address, maxMessageBytes });
  const buffers = createBufferPool(keptBytes);
  const known = new Map<string, { metadata: ModelMetadata; askedAtMs: number }>();
  const asking = new Map<string, Promise<ModelMetadata>>();

  const breaker = createCircuitBreaker({
    probe: async () => {
      const limit = { deadlineAtMs: Date.now() + probeTimeoutMs };
      const answers = await Promise.all([
        calls.call("ServerReady", {}, limit),
        ...[...known.keys()].map((name) => calls.call("ModelReady", { name }, limit)),
      ]);
      return answers.every((answer) => answer.ready);
    },
    ...(probeDelaysMs && { probeDelaysMs }),
    onOpen: (reason) => log?.warn({ address, reason }, "model server unavailable"),
    onClose: (openMs) => log?.info({ address, openMs }, "model server available again"),
  });

  /** Every request but the probe's goes through here, and the breaker learns how it ended. */
  const guarded = async <Name extends MethodName>(
    method: Name,
    request: Request<Name>,
    options: CallOptions<Name>,
  ): Promise<Response<Name>> => {
    if (breaker.state !== "closed")
      throw new InferenceError("unavailable", `${method} at ${address}: not sent, the server is away`);
    try {
      const response = await calls.call(method, request, options);
      breaker.succeeded();
      return response;
    } catch (error) {
      if (error instanceof InferenceError && error.code === "unavailable") breaker.failed(error.message);
      throw error;
    }
  };

  const askForMetadata = async (name: string): Promise<ModelMetadata> => {
    const limits = { deadlineAtMs: Date.now() + metadataTimeoutMs };
    const [metadata, { config }] = await Promise.all([
      guarded("ModelMetadata", { name }, limits),
      guarded("ModelConfig", { name }, limits),
    ]);
    if (!config) throw new InferenceError("bad-request", `The model server gave no configuration of model "${name}"`);
    const value = modelMetadataOf(metadata, config);
    known.set(name, { metadata: value, askedAtMs: Date.now() });
    return value;
  };

  /** Shared by all who want it at the same time; so it heeds nobody's signal. */
  const freshMetadata = (name: string): Promise<ModelMetadata> => {
    const underWay = asking.get(name) ?? askForMetadata(name).finally(() => asking.delete(name));
    asking.set(name, underWay);
    return underWay;
  };

  const metadataOf = async (name: string): Promise<ModelMetadata> => {
    const last = known.get(name);
    if (last && Date.now() - last.askedAtMs < metadataMaxAgeMs) return last.metadata;
    return await freshMetadata(name).catch((error: unknown) => {
      if (last && error instanceof InferenceError && error.code !== "bad-request") return last.metadata;
      throw error;
    });
  };

  const inferPart = async (
    metadata: ModelMetadata,
    part: { bytes: Uint8Array; rows: number },
    limits: { deadlineAtMs: number; signal?: AbortSignal },
  ): Promise<BatchScores> => {
    const { name, datatype, shape } = metadata.input;
    const dimensions = metadata.maxBatchSize > 0 || shape.length === 4 ? [part.rows, ...shape.slice(1)] : [...shape];
    const memory = buffers.loan();
    const response = await guarded(
      "ModelInfer",
      {
        model_name: metadata.name,
        inputs: [{ name, datatype, shape: dimensions }],
        outputs: [{ name: metadata.output.name }],
        raw_input_contents: [part.bytes],
      },
      { ...limits, serialize: (request) => inferRequestBytes(request, memory.take) },
    );
    // Not of a request that failed: its bytes may still be on their way.
    memory.end();
    const labelled = metadata.versions.includes(response.model_version) ? metadata : await freshMetadata(metadata.name);
    return batchScoresOf(response, labelled, part.rows);
  };

  return {
    metadata: async (model, { signal } = {}) => {
      signal?.throwIfAborted();
      return await metadataOf(model);
    },
    infer: async (model, { bytes, rows }, { deadlineAtMs, signal }) => {
      signal?.throwIfAborted();
      const metadata = await metadataOf(model);
      const rowBytes = bytes.length / rows;
      if (!Number.isInteger(rowBytes))
        throw new InferenceError("bad-request", `A tensor of ${bytes.length} bytes cannot have ${rows} rows`);
      const failure = new AbortController();
      const limits = { deadlineAtMs, signal: signal ? AbortSignal.any([signal, failure.signal]) : failure.signal };
      const parts = partsOf(rows, metadata.maxBatchSize).map(({ from, to }) =>
        inferPart(metadata, { bytes: bytes.subarray(from * rowBytes, to * rowBytes), rows: to - from }, limits),
      );
      try {
        return joinScores(await Promise.all(parts));
      } catch (error) {
        failure.abort(error);
        throw error;
      }
    },
    whenAvailable: (wait) => breaker.whenClosed(wait),
    close: () => {
      breaker.stop();
      calls.close();
    },
  };
}

/** Equal parts of at most `maxBatchSize` rows; one row each for a model that knows no batches (0). */
function partsOf(rows: number, maxBatchSize: number): { from: number; to: number }[] {
  const count = Math.ceil(rows / Math.max(1, maxBatchSize));
  return Array.from({ length: count }, (_, index) => ({
    from: Math.floor((index * rows) / count),
    to: Math.floor(((index + 1) * rows) / count),
  }));
}
