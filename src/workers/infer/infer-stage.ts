import { BlobError, type BlobStore } from "../../blobs/blob-store.ts";
import { type BlobRef, type Concluded, Preprocessed, type TensorRow } from "../../capture/item.ts";
import type { ModelScores } from "../../capture/scores.ts";
import { type BatchScores, type InferenceClient, InferenceError } from "../../inference/inference-client.ts";
import { rowBytesOf, tensorSpecOf } from "../../inference/tensor-spec.ts";
import type { Allocate } from "../../memory/allocate.ts";
import { createBufferPool } from "../../memory/buffer-pool.ts";
import { eachOf, type Outcome, type Stage, type StageContext } from "../../pipeline/stage.ts";
import { outcomeOfFailure } from "./failure-outcome.ts";
import { completeBlobs, gatherRows } from "./gather-rows.ts";

export interface InferDependencies {
  client: InferenceClient;
  blobs: BlobStore;
  /** Names of the models; each scores every capture. */
  models: readonly string[];
}

/** Unused memory for tensors: two of 16 pictures of 224 x 224 x 3 floats, or eight of bytes. */
const keptBytes = 32 << 20;

/**
 * Scores a batch with every model: one request per model, all at once. While the model server is away the batch
 * waits for it, until the first of its captures is past its deadline; no attempt is spent on an outage.
 */
export function createInferStage(dependencies: InferDependencies): Stage<Preprocessed, Concluded> {
  const { client, blobs, models } = dependencies;
  const buffers = createBufferPool(keptBytes);

  const runBatch = async (items: readonly Preprocessed[], context: StageContext): Promise<Outcome<Concluded>[]> => {
    const firstDeadlineAtMs = Math.min(...items.map((item) => item.deadlineAtMs));
    const memory = buffers.loan();
    try {
      const tensors = await readBlobs(items, blobs, memory.take);
      const present = items.filter((item) => isPresent(item, tensors));
      const scores = await scoresOf(present, tensors, context, firstDeadlineAtMs);
      // Only now: of a request that failed, bytes may still be on their way to the socket.
      memory.end();
      return items.map((item): Outcome<Concluded> => {
        const row = present.indexOf(item);
        if (row < 0) return { kind: "reject", verdict: "unprocessable", reason: "blob-missing" };
        const value = concluded(item, scores, row);
        return hasNumbers(value) ? { kind: "done", value } : invalidScores;
      });
    } catch (error) {
      if (error instanceof InferenceError && error.code === "bad-request" && !context.signal.aborted)
        context.log.error({ err: error, captures: items.length }, "the model server refused a batch");
      return items.map((item) => outcomeOfFailure(error, item, context));
    }
  };

  /** Asks all models, and as often as the server goes away in between. */
  const scoresOf = async (
    items: readonly Preprocessed[],
    tensors: ReadonlyMap<BlobRef, Uint8Array>,
    context: StageContext,
    firstDeadlineAtMs: number,
  ): Promise<Map<string, BatchScores>> => {
    if (items.length === 0) return new Map();
    for (;;) {
      const available = await client.whenAvailable({ untilMs: firstDeadlineAtMs, signal: context.signal });
      context.signal.throwIfAborted();
      if (!available) throw new InferenceError("unavailable", "The model server was away until the captures' deadline");
      try {
        const asked = models.map(async (model) => [model, await ask(model, items, tensors, context)] as const);
        return new Map(await Promise.all(asked));
      } catch (error) {
        const isAway = error instanceof InferenceError && error.code === "unavailable";
        if (!isAway || context.now() >= firstDeadlineAtMs) throw error;
      }
    }
  };

  const ask = async (
    model: string,
    items: readonly Preprocessed[],
    tensors: ReadonlyMap<BlobRef, Uint8Array>,
    context: StageContext,
  ): Promise<BatchScores> => {
    const spec = tensorSpecOf(await client.metadata(model, { signal: context.signal }));
    const rows = items.map((item) => rowOf(item, spec.key, model));
    const bytes = gatherRows(rows, tensors, rowBytesOf(spec));
    const deadlineAtMs = Math.max(...items.map((item) => item.deadlineAtMs));
    return await client.infer(model, { bytes, rows: rows.length }, { deadlineAtMs, signal: context.signal });
  };

  return {
    name: "infer",
    input: Preprocessed,
    run: (items, context) => eachOf(items.length, runBatch(items, context)),
    // What cannot be deleted now ends with its lifetime.
    release: (items) => blobs.delete(completeBlobs(items.flatMap((item) => item.tensors))).catch(() => undefined),
  };
}

/** Reads each blob once; the missing ones are left out. @throws BlobError `unavailable` */
async function readBlobs(
  items: readonly Preprocessed[],
  blobs: BlobStore,
  allocate: Allocate,
): Promise<Map<BlobRef, Uint8Array>> {
  const refs = [...new Set(items.flatMap((item) => item.tensors.map((tensor) => tensor.blob)))];
  const found = new Map<BlobRef, Uint8Array>();
  await Promise.all(
    refs.map(async (ref) => {
      const bytes = await blobs.get(ref, { allocate }).catch((error: unknown) => {
        if (error instanceof BlobError && error.code === "missing") return undefined;
        throw error;
      });
      if (bytes) found.set(ref, bytes);
    }),
  );
  return found;
}

function isPresent(item: Preprocessed, tensors: ReadonlyMap<BlobRef, Uint8Array>): boolean {
  return item.tensors.every((tensor) => tensors.has(tensor.blob));
}

function rowOf(item: Preprocessed, spec: string, model: string): TensorRow {
  const row = item.tensors.find((tensor) => tensor.spec === spec);
  if (row) return row;
  const made = item.tensors.map((tensor) => tensor.spec).join(", ");
  throw new InferenceError("bad-request", `Model "${model}" wants ${spec}, preprocess made ${made}`);
}

const invalidScores: Outcome<never> = {
  kind: "reject",
  verdict: "unprocessable",
  reason: "invalid-scores",
  detail: "a model scored the picture with NaN or infinity",
};

/** NaN and infinity cannot travel in JSON: one such score would make the whole batch unreadable. */
function hasNumbers({ result }: Concluded): boolean {
  return result.kind === "scored" && result.scores.every(({ scores }) => Object.values(scores).every(Number.isFinite));
}

function concluded(item: Preprocessed, batches: ReadonlyMap<string, BatchScores>, row: number): Concluded {
  const { tensors, ...rest } = item;
  const scores = [...batches].map(([model, batch]): ModelScores => {
    const values = batch.scores.subarray(row * batch.labels.length, (row + 1) * batch.labels.length);
    return {
      model,
      version: batch.version,
      scores: Object.fromEntries(batch.labels.map((label, index) => [label, values[index] ?? 0])),
    };
  });
  return { ...rest, result: { kind: "scored", scores } };
}
