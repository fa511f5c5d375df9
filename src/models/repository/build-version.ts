import { copyFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { InferenceSession } from "onnxruntime-node";
import { checkLabels } from "../convert/check-labels.ts";
import type { ModelSettings, TensorConfig } from "./config-text.ts";
import { fileHash } from "./folder-hash.ts";
import { InstallError } from "./install-error.ts";
import { type Candidate, type Progress, type Promotion, promote } from "./promote.ts";
import { stageVersion } from "./stage-version.ts";

export interface BuildWishes
  extends Pick<ModelSettings, "name" | "backend" | "labels">,
    Pick<Candidate, "repository" | "rejectedFolder" | "trtexec"> {
  /** The model, as a file. */
  onnx: string;
  serving: Pick<ModelSettings, "maxBatchSize" | "maxQueueDelayMicroseconds" | "maxQueueSize" | "instances">;
}

/** Serves model.onnx beside it by ONNX Runtime, whatever else the server has. */
const pythonModel = fileURLToPath(new URL("../triton/backends/onnxruntime/model.py", import.meta.url));

/**
 * Puts an ONNX model into a model repository as a version for the wanted backend.
 * @returns also for a TensorRT plan that cannot be built here, with the reason
 * @throws InstallError, ConversionError, ModelToolError
 */
export async function buildVersion(wishes: BuildWishes, progress: Progress): Promise<Promotion> {
  const { onnx, name, backend, labels, repository, rejectedFolder, trtexec, serving } = wishes;
  const { input, output } = await interfaceOf(onnx);
  const classes = output.dims.at(-1) ?? -1;
  if (classes > 0) checkLabels(labels, classes, onnx);
  await using staged = await stageVersion(repository, name);
  await copyFile(onnx, join(staged.folder, "model.onnx"));
  if (backend === "python") await copyFile(pythonModel, join(staged.folder, "model.py"));
  const manifest = {
    model: name,
    version: null,
    createdAt: new Date(progress.nowMs()).toISOString(),
    backend,
    precision: "that of its source",
    source: { name: basename(onnx), sha256: await fileHash(onnx) },
    labels: [...labels],
    tools: {},
    files: {},
  };
  const settings = { name, backend, labels, input, output, ...serving };
  return await promote({ staged, manifest, settings, repository, rejectedFolder, trtexec }, progress);
}

/** Datatypes by ONNX Runtime's names. */
const datatypes: Record<string, TensorConfig["datatype"]> = { uint8: "UINT8", float32: "FP32" };

/** @throws InstallError for a file that is no model of one input and one output in batches */
async function interfaceOf(path: string): Promise<{ input: TensorConfig; output: TensorConfig }> {
  const session = await InferenceSession.create(path, { logSeverityLevel: 3 }).catch((error: Error) => {
    throw new InstallError(`${path} cannot be loaded as an ONNX model: ${error.message}`, { cause: error });
  });
  try {
    const tensorOf = (what: string, tensors: readonly InferenceSession.ValueMetadata[]): TensorConfig => {
      const [tensor, ...others] = tensors;
      const names = tensors.map(({ name }) => `"${name}"`).join(", ");
      if (!tensor || others.length > 0) throw new InstallError(`${path} has the ${what}s ${names}; it must have one`);
      const refuse = (is: string) => new InstallError(`${path}: ${what} "${tensor.name}" ${is}`);
      const datatype = tensor.isTensor ? datatypes[tensor.type] : undefined;
      if (!tensor.isTensor || !datatype) throw refuse("is neither uint8 nor float32");
      const [batch, ...dims] = tensor.shape.map((size) => (typeof size === "number" && size > 0 ? size : -1));
      if (batch !== -1) throw refuse(`has the fixed batch size ${batch}: export it with a batch of any size`);
      return { name: tensor.name, datatype, dims };
    };
    return { input: tensorOf("input", session.inputMetadata), output: tensorOf("output", session.outputMetadata) };
  } finally {
    await session.release();
  }
}
