import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { runTool } from "../python/run-tool.ts";

export interface TensorRtBuild {
  /** Files: the ONNX model to read, the plan to write. */
  onnx: string;
  plan: string;
  input: { name: string; dims: readonly number[] };
  /** The optimisation profile: batches that it can take, and the one that it is tuned for. */
  batch: { min: number; opt: number; max: number };
}

/** What came of a TensorRT build. The command is the one that ran, or that is to be run where there is a GPU. */
export interface TensorRtOutcome {
  command: string;
  ran: boolean;
  /** Why it was not run. */
  reason?: string;
}

/** Where NVIDIA's images and Debian packages put it. */
const usualPlace = "/usr/src/tensorrt/bin/trtexec";

/**
 * trtexec's arguments. The types are those of the ONNX model (fp16 weights, int8 by its QuantizeLinear nodes), which is
 * what --stronglyTyped means: TensorRT chooses no precision of its own.
 */
export function trtexecArguments({ onnx, plan, input, batch }: TensorRtBuild): string[] {
  const shape = (rows: number) => `${input.name}:${[rows, ...input.dims].join("x")}`;
  return [
    `--onnx=${onnx}`,
    `--saveEngine=${plan}`,
    `--minShapes=${shape(batch.min)}`,
    `--optShapes=${shape(batch.opt)}`,
    `--maxShapes=${shape(batch.max)}`,
    "--stronglyTyped",
    "--skipInference",
  ];
}

/**
 * Builds a plan, which fits the GPU type and the TensorRT version that it is built on, and no other.
 * @param program trtexec, where it is not on the PATH
 * @returns without having run it where there is no trtexec or no GPU
 * @throws ModelToolError with what trtexec said where it fails
 */
export async function buildTensorRtPlan(
  build: TensorRtBuild,
  { program, signal }: { program?: string; signal?: AbortSignal } = {},
): Promise<TensorRtOutcome> {
  const args = trtexecArguments(build);
  const found = program ?? findOnPath("trtexec") ?? (existsSync(usualPlace) ? usualPlace : undefined);
  const command = [found ?? "trtexec", ...args].join(" ");
  if (!found) return { command, ran: false, reason: "there is no trtexec on the PATH" };
  const gpus = await runTool("nvidia-smi", ["--list-gpus"], { signal }).catch(() => "");
  if (!gpus.includes("GPU")) return { command, ran: false, reason: "there is no NVIDIA GPU (nvidia-smi lists none)" };
  await runTool(found, args, { signal });
  return { command, ran: true };
}

function findOnPath(name: string): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}
