import { randomUUID } from "node:crypto";
import { stat } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { InferenceError } from "../../inference/inference-client.ts";
import { tensorSpecOf } from "../../inference/tensor-spec.ts";
import { datatypes } from "../../model-server/datatypes.ts";
import type { SessionTensor } from "../../model-server/session-thread.ts";
import { createSessionThreads, type SessionThreads } from "../../model-server/session-threads.ts";
import { CompareError } from "./compare-error.ts";
import { findModelFile } from "./model-file.ts";
import type { OpenModel } from "./open-model.ts";

/** Two models are run at a time, on all cores together; each thread holds the weights, so not on very many. */
const threadCount = Math.max(1, Math.min(4, Math.floor(availableParallelism() / 2)));

/** A model in a file, run by ONNX Runtime in threads of this process. @throws CompareError `wrong-input` */
export async function openLocalModel(reference: string): Promise<OpenModel> {
  const { path, ...described } = await findModelFile(reference);
  if (!(await stat(path).catch(() => undefined))?.isFile())
    throw new CompareError("wrong-input", `${reference}: there is no file ${path}`);
  const session = randomUUID();
  const threads = createSessionThreads({ count: threadCount, onExit: () => undefined });
  try {
    const loaded = await threads.load(session, path).catch((error: Error) => {
      throw new CompareError("wrong-input", `${reference}: ${error.message}`, { cause: error });
    });
    const ends = endsOf(reference, loaded);
    const classes = fixed(ends.output.shape.at(-1));
    return {
      ...{ reference, ...described, classes, spec: ends.spec },
      score: (tensor, signal) => score({ reference, session, threads, ...ends }, tensor, signal),
      close: () => threads.stop(),
    };
  } catch (error) {
    await threads.stop();
    throw error;
  }
}

type Ends = ReturnType<typeof endsOf>;

/** The model's one input and one output, as the file has them. */
function endsOf(reference: string, loaded: { inputs: SessionTensor[]; outputs: SessionTensor[] }) {
  const refuse = (what: string, cause?: unknown) => new CompareError("wrong-input", `${reference} ${what}`, { cause });
  const [input, ...otherInputs] = loaded.inputs;
  const [output, ...otherOutputs] = loaded.outputs;
  if (!input || otherInputs.length > 0) throw refuse(`has ${loaded.inputs.length} inputs; it must have one`);
  if (!output || otherOutputs.length > 0) throw refuse(`has ${loaded.outputs.length} outputs; it must have one`);
  if (output.type !== datatypes.FP32.onnx)
    throw refuse(`gives ${output.type} as "${output.name}"; it must give float32`);
  const datatype = Object.entries(datatypes).find(([, { onnx }]) => onnx === input.type)?.[0] ?? input.type;
  const shape = input.shape.map((size) => fixed(size) ?? -1);
  const tensor = { name: input.name, datatype, shape };
  try {
    const described = { name: reference, versions: [], maxBatchSize: 0, labels: [], input: tensor, output: tensor };
    return { input, output, spec: tensorSpecOf(described) };
  } catch (error) {
    if (error instanceof InferenceError) throw new CompareError("wrong-input", error.message, { cause: error });
    throw error;
  }
}

async function score(
  model: { reference: string; session: string; threads: SessionThreads } & Ends,
  tensor: Uint8Array,
  signal?: AbortSignal,
): Promise<Float32Array> {
  const { reference, session, threads, input, output, spec } = model;
  signal?.throwIfAborted();
  const { height, width, layout, datatype } = spec;
  const row = layout === "nhwc" ? [height, width, 3] : [3, height, width];
  const dims = input.shape.length === 4 ? [1, ...row] : row;
  // Copied, because the thread takes the buffer over.
  const bytes = new Uint8Array(tensor);
  const { outputs } = await threads
    .run(session, [{ name: input.name, datatype, dims, bytes }], [output.name])
    .catch((error: Error) => {
      throw new CompareError("model-failed", `${reference} cannot score a picture: ${error.message}`, { cause: error });
    });
  return new Float32Array(outputs[0]?.bytes.buffer ?? new ArrayBuffer(0));
}

function fixed(size: number | string | undefined): number | undefined {
  return typeof size === "number" && size > 0 ? size : undefined;
}
