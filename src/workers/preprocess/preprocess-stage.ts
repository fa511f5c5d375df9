import pLimit from "p-limit";
import sharp from "sharp";
import { BlobError, type BlobStore } from "../../blobs/blob-store.ts";
import { Fetched, type Preprocessed, type TensorRow, type Thumbnail } from "../../capture/item.ts";
import { InferenceError } from "../../inference/inference-client.ts";
import type { TensorSpec } from "../../inference/tensor-spec.ts";
import { createBufferPool } from "../../memory/buffer-pool.ts";
import { eachOf, type Outcome, type Retry, type Stage, type StageContext } from "../../pipeline/stage.ts";
import { batchTensorOf } from "./batch-tensor.ts";
import { decodeImage, ImageError, type ImageSize } from "./decode-image.ts";
import { layOut, makePreview, type Preview } from "./thumbnail.ts";

export interface PreprocessDependencies {
  blobs: BlobStore;
  /** What the models ask for. Called once per batch; @throws InferenceError */
  specs(): Promise<readonly TensorSpec[]>;
  /** Pixels of the largest image decoded. */
  maxPixels?: number;
  /** Lifetime of a tensor that nobody deletes. */
  blobTtlMs?: number;
  /** Images decoded at the same time in this process, over all its batches. */
  imagesAtATime?: number;
  /** How long thumbnails are kept: whoever may need one later finds it by its reference alone. Absent: none are made. */
  thumbnails?: { ttlMs: number };
}

/** Unused memory for images and tensors. */
const keptBytes = 32 << 20;

/**
 * Decodes each capture's image and lays the batch into one tensor per specification, one blob each. The rows are
 * compact: a rejected image leaves no gap. The batch's thumbnails are one blob too; a capture goes on without one
 * rather than fail for it.
 *
 * libvips runs single-threaded, `imagesAtATime` of them: processes scale over cores better than its threads do.
 */
export function createPreprocessStage(dependencies: PreprocessDependencies): Stage<Fetched, Preprocessed> {
  const { blobs, specs, maxPixels = 50e6, blobTtlMs = 900_000, imagesAtATime = 2, thumbnails } = dependencies;
  sharp.concurrency(1);
  sharp.cache(false); // No picture comes twice; the cache would only hold memory.
  sharp.simd(true);
  const decoding = pLimit(imagesAtATime);
  // Bytes are read ahead, so that decoding never waits for the store, but not a whole batch of the largest images.
  const reading = pLimit(imagesAtATime + 2);
  const buffers = createBufferPool(keptBytes);

  const runBatch = async (items: readonly Fetched[], context: StageContext): Promise<Outcome<Preprocessed>[]> => {
    const wanted = await specs();
    const decodeItem = async (item: Fetched): Promise<Decoded | Outcome<Preprocessed>> => {
      if (context.signal.aborted) return { kind: "retry", reason: "worker-stopping", free: true };
      const memory = buffers.loan();
      try {
        const bytes = await blobs.get(item.image.blob, { allocate: memory.take });
        return await decoding(async () => {
          const pictures = await decodeEachSize(bytes, wanted, maxPixels);
          return { pictures, preview: thumbnails && (await previewOf(bytes, pictures, context)) };
        });
      } catch (error) {
        return outcomeOf(error);
      } finally {
        memory.end();
      }
    };
    const results = await Promise.all(items.map((item) => reading(() => decodeItem(item))));
    const decoded = results.filter((result) => "pictures" in result);
    const previews = decoded.map(({ preview }) => preview);
    const [tensors, places] = await Promise.all([
      Promise.all(decoded.length === 0 ? [] : wanted.map((spec) => store(spec, decoded))),
      storeThumbnails(previews, context),
    ]);
    let row = 0;
    return items.map((item, index): Outcome<Preprocessed> => {
      const result = results[index] ?? missingResult();
      if (!("pictures" in result)) return result;
      const at = row++;
      const value = {
        ...item,
        tensors: tensors.map((tensor) => ({ ...tensor, row: at })),
        thumbnail: places[at],
        size: result.preview?.size,
      };
      return { kind: "done", value };
    });
  };

  const store = async (spec: TensorSpec, decoded: readonly Decoded[]): Promise<Omit<TensorRow, "row">> => {
    const memory = buffers.loan();
    const pictures = decoded.map((each) => each.pictures.get(sizeKey(spec))?.pixels ?? missingResult());
    const tensor = batchTensorOf(spec, pictures, memory.take);
    const blob = await blobs.put(tensor, { ttlMs: blobTtlMs });
    // Only now: of a put that failed, bytes may still be on their way.
    memory.end();
    return { spec: spec.key, blob, rows: decoded.length };
  };

  const storeThumbnails = async (
    previews: readonly (Preview | undefined)[],
    { log }: StageContext,
  ): Promise<(Thumbnail | undefined)[]> => {
    const { sheet, places } = layOut(previews.map((preview) => preview?.jpeg));
    if (!thumbnails || sheet.length === 0) return [];
    try {
      const blob = await blobs.put(sheet, { ttlMs: thumbnails.ttlMs });
      return places.map((place) => place && { blob, ...place });
    } catch (error) {
      log.warn({ err: error, captures: previews.length }, "a batch goes on without thumbnails");
      return [];
    }
  };

  return {
    name: "preprocess",
    input: Fetched,
    run: (items, context) =>
      eachOf(
        items.length,
        runBatch(items, context).catch((error: unknown) => items.map(() => outcomeOf(error))),
      ),
  };
}

/** One capture's picture in each size that some specification asks for. */
type Pictures = Map<string, Picture>;
type Picture = { pixels: Buffer } & ImageSize;

interface Decoded {
  pictures: Pictures;
  preview?: Preview;
}

const sizeKey = ({ width, height }: TensorSpec) => `${width}x${height}`;

/**
 * Specifications of one size share a picture. Another size is decoded anew: going through a common larger picture
 * saves little, since JPEGs are decoded at a fraction of their size, and resamples twice.
 */
async function decodeEachSize(bytes: Uint8Array, specs: readonly TensorSpec[], maxPixels: number): Promise<Pictures> {
  const pictures: Pictures = new Map();
  for (const spec of specs) {
    if (pictures.has(sizeKey(spec))) continue;
    const { width, height } = spec;
    pictures.set(sizeKey(spec), { pixels: await decodeImage(bytes, spec, maxPixels), width, height });
  }
  return pictures;
}

/** Made from the largest picture there is. A capture without a thumbnail is still a capture. */
async function previewOf(bytes: Uint8Array, pictures: Pictures, { log }: StageContext): Promise<Preview | undefined> {
  const [largest] = [...pictures.values()].toSorted((a, b) => b.pixels.length - a.pixels.length);
  if (!largest) return undefined;
  return makePreview(bytes, largest).catch((error: unknown) => {
    log.warn({ err: error }, "a picture goes on without a thumbnail");
    return undefined;
  });
}

function outcomeOf(error: unknown): Outcome<never> {
  if (error instanceof ImageError) {
    return { kind: "reject", verdict: "unprocessable", reason: error.code, detail: error.message };
  }
  if (error instanceof BlobError) return blobOutcome(error);
  if (error instanceof InferenceError) return modelOutcome(error);
  throw error;
}

function blobOutcome(error: BlobError): Outcome<never> {
  return error.code === "unavailable"
    ? { kind: "retry", reason: "blob-store-unavailable", detail: error.message }
    : { kind: "reject", verdict: "unprocessable", reason: "blob-missing", detail: error.message };
}

/** The model server could not say what it wants: the captures are not to blame, unless the model itself is wrong. */
function modelOutcome({ code, message }: InferenceError): Retry {
  return code === "bad-request"
    ? { kind: "retry", reason: "model-bad-request", detail: message }
    : { kind: "retry", reason: "model-unavailable", detail: message, free: true, afterMs: 1_000 };
}

function missingResult(): never {
  throw new Error("preprocess lost a picture of its own batch");
}
