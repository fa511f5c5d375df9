import type { TensorSpec } from "../../inference/tensor-spec.ts";
import { openLocalModel } from "./local-model.ts";
import { openServedModel, servedReference } from "./served-model.ts";

/** A model that is ready to score pictures, one at a time, several at once. */
export interface OpenModel {
  /** As it was named by whoever asked. */
  reference: string;
  /** The name that a policy may know it by; absent of an .onnx file. */
  name?: string;
  version?: string;
  /** Names of its classes; absent of an .onnx file. */
  labels?: readonly string[];
  /** How many scores it gives, where that is known before it gives any. */
  classes?: number;
  spec: TensorSpec;
  /**
   * @param tensor one row, as `spec` has it
   * @returns a score per class, float32; NaN is passed on
   * @throws CompareError `model-failed`, or the signal's reason
   */
  score(tensor: Uint8Array, signal?: AbortSignal): Promise<Float32Array>;
  close(): Promise<void>;
}

/**
 * Opens what a reference names: an .onnx file, the folder of a model in a repository (`repo/nsfw`, or `repo/nsfw/1` for
 * one version), or a model on a server (`HOST:PORT/nsfw`, or `HOST:PORT/nsfw/1`).
 * @throws CompareError
 */
export async function openModel(reference: string, signal?: AbortSignal): Promise<OpenModel> {
  const served = servedReference(reference);
  return served ? await openServedModel(served, signal) : await openLocalModel(reference);
}
