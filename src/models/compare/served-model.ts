import { setTimeout as wait } from "node:timers/promises";
import { scoresOf } from "../../inference/batch-scores.ts";
import { InferenceError, type ModelMetadata } from "../../inference/inference-client.ts";
import { modelMetadataOf } from "../../inference/model-metadata.ts";
import { tensorSpecOf } from "../../inference/tensor-spec.ts";
import { createUnaryCalls, type UnaryCalls } from "../../inference/unary-calls.ts";
import { CompareError } from "./compare-error.ts";
import type { OpenModel } from "./open-model.ts";

export interface ServedReference {
  reference: string;
  /** HOST:PORT of a KServe v2 gRPC server. */
  address: string;
  model: string;
  version?: string;
}

const metadataTimeoutMs = 5_000;
/** Longer than any queue that a request could wait in. */
const scoreTimeoutMs = 60_000;
const overloadedWaitMs = 200;

/** Reads `HOST:PORT/model[/version]`; undefined for what is none. */
export function servedReference(reference: string): ServedReference | undefined {
  const [, address, model, version] = /^((?:\[[^\]]+\]|[^/:]+):\d+)\/([^/]+)(?:\/([1-9]\d*))?$/.exec(reference) ?? [];
  return address && model ? { reference, address, model, version } : undefined;
}

/**
 * A model on a server. Without a version it is the newest, and that one until the end: one put in while models are
 * compared must not mix with it.
 * @throws CompareError
 */
export async function openServedModel(served: ServedReference, signal?: AbortSignal): Promise<OpenModel> {
  const { reference, address } = served;
  const calls = createUnaryCalls({ address, maxMessageBytes: 64 << 20 });
  try {
    const metadata = await metadataOf(served, calls, signal);
    const version = served.version ?? metadata.versions.at(-1);
    const spec = tensorSpecOf(metadata);
    const { name, labels } = metadata;
    return {
      ...{ reference, name, version, labels, classes: labels.length, spec },
      score: (tensor, signal) => score({ ...served, version }, metadata, calls, tensor, signal),
      close: async () => calls.close(),
    };
  } catch (error) {
    calls.close();
    // Before there is anything to score, what is refused is what was asked for: the model, its version, its interface.
    const refused = error instanceof InferenceError && error.code === "bad-request";
    throw compareErrorOf(error, reference, refused ? "wrong-input" : "model-failed");
  }
}

async function metadataOf(
  { model: name, version }: ServedReference,
  calls: UnaryCalls,
  signal?: AbortSignal,
): Promise<ModelMetadata> {
  const limits = { deadlineAtMs: Date.now() + metadataTimeoutMs, signal };
  const [metadata, { config }] = await Promise.all([
    calls.call("ModelMetadata", { name, version }, limits),
    calls.call("ModelConfig", { name, version }, limits),
  ]);
  if (!config) throw new InferenceError("bad-request", `the server gives no configuration of model "${name}"`);
  return modelMetadataOf(metadata, config);
}

async function score(
  { reference, model, version }: ServedReference,
  metadata: ModelMetadata,
  calls: UnaryCalls,
  tensor: Uint8Array,
  signal?: AbortSignal,
): Promise<Float32Array> {
  const { name, datatype, shape } = metadata.input;
  const rowShape = shape.length === 4 ? [1, ...shape.slice(1)] : [...shape];
  const request = {
    model_name: model,
    model_version: version,
    inputs: [{ name, datatype, shape: rowShape }],
    outputs: [{ name: metadata.output.name }],
    raw_input_contents: [tensor],
  };
  const deadlineAtMs = Date.now() + scoreTimeoutMs;
  for (;;) {
    try {
      return scoresOf(await calls.call("ModelInfer", request, { deadlineAtMs, signal }), metadata, 1);
    } catch (error) {
      // Others may use the server, and fill its queue.
      if (!(error instanceof InferenceError) || error.code !== "overloaded") throw compareErrorOf(error, reference);
      await wait(overloadedWaitMs, undefined, { signal });
    }
  }
}

function compareErrorOf(error: unknown, reference: string, code: CompareError["code"] = "model-failed"): unknown {
  if (!(error instanceof InferenceError)) return error;
  const what = {
    unavailable: "the model server cannot be reached, or does not serve the model now",
    deadline: "the model server gave no answer in time",
    overloaded: "the model server's queue is full",
    "bad-request": "the model server refused",
  }[error.code];
  return new CompareError(code, `${reference}: ${what} (${error.message})`, { cause: error });
}
