import { writeFile } from "node:fs/promises";
import type { ModelMetadata } from "../../inference/inference-client.ts";
import { tensorSpecOf } from "../../inference/tensor-spec.ts";
import { batchTensorOf } from "../../workers/preprocess/batch-tensor.ts";
import { decodeImage } from "../../workers/preprocess/decode-image.ts";
import type { PictureSource } from "../convert/picture-tensor.ts";
import { BenchError } from "./bench-error.ts";

const maxPixels = 50e6;

/**
 * Writes pictures as perf_analyzer reads them, decoded and resized as the preprocess stage does it for this model:
 * what a model computes, and how well bytes compress, can depend on what they are. Requests take one after the other.
 * (https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/perf_analyzer/docs/input_data.html)
 * @returns how many pictures there are
 * @throws BenchError when there is none, or one cannot be decoded; InferenceError for a model that takes no pictures
 */
export async function writePerfInput(source: PictureSource, metadata: ModelMetadata, path: string): Promise<number> {
  const spec = tensorSpecOf(metadata);
  const { name, shape } = metadata.input;
  const data: Record<string, { content: { b64: string }; shape: number[] }>[] = [];
  for await (const { name: picture, bytes } of source.read()) {
    const pixels = await decodeImage(bytes, spec, maxPixels).catch((error: Error) => {
      throw new BenchError(`${picture}: ${error.message}`, { cause: error });
    });
    const content = { b64: Buffer.from(batchTensorOf(spec, [pixels])).toString("base64") };
    // The batch's dimension is perf_analyzer's own.
    data.push({
      [name]: { content, shape: shape.slice(metadata.maxBatchSize > 0 ? 1 : 0).map((size) => Math.abs(size)) },
    });
  }
  if (data.length === 0) throw new BenchError(`there are no pictures in ${source.description}`);
  await writeFile(path, JSON.stringify({ data }));
  return data.length;
}
