/** The backends that a model is served by, and the file that each wants in a version's folder. */
export const modelFiles = { onnxruntime: "model.onnx", tensorrt: "model.plan", python: "model.py" } as const;
export type ModelBackend = keyof typeof modelFiles;
export const modelBackends = Object.keys(modelFiles) as ModelBackend[];

/** A tensor of a model, the batch's dimension left out. */
export interface TensorConfig {
  name: string;
  datatype: "UINT8" | "FP32";
  /** -1: any size. */
  dims: readonly number[];
}

export interface ModelSettings {
  name: string;
  backend: ModelBackend;
  input: TensorConfig;
  output: TensorConfig;
  /** Names of the classes, in order. */
  labels: readonly string[];
  /** Pictures in the largest batch, at least 1. */
  maxBatchSize: number;
  /** How long a request waits for others to share its batch with, µs. */
  maxQueueDelayMicroseconds: number;
  /** Requests that may wait; whoever comes then is told to back off. */
  maxQueueSize: number;
  /** Copies that run at a time, on each device. */
  instances: number;
}

/**
 * A config.pbtxt (https://github.com/triton-inference-server/common/blob/main/protobuf/model_config.proto): dynamic
 * batching, a bounded queue, and a warm-up with the smallest and the largest batch, so that no request pays for it.
 */
export function configText(settings: ModelSettings): string {
  const { name, backend, input, output, labels, maxBatchSize } = settings;
  const warmUps = maxBatchSize > 1 ? [1, maxBatchSize] : [1];
  return `name: ${quoted(name)}
backend: ${quoted(backend)}
max_batch_size: ${maxBatchSize}
input [ ${tensor(input)} ]
output [ ${tensor(output)} ]
version_policy { latest { num_versions: 1 } }
instance_group [ { count: ${settings.instances}, kind: ${deviceKind[backend]} } ]
dynamic_batching {
  preferred_batch_size: [ ${preferredSizes(maxBatchSize).join(", ")} ]
  max_queue_delay_microseconds: ${settings.maxQueueDelayMicroseconds}
  default_queue_policy { max_queue_size: ${settings.maxQueueSize} }
}
model_warmup [
${warmUps.map((rows) => `  ${warmUp(rows, input)}`).join(",\n")}
]
parameters { key: "labels", value: { string_value: ${quoted(labels.join(","))} } }
`;
}

/** Auto: on the GPUs where there are any. A plan runs on a GPU only. */
const deviceKind: Record<ModelBackend, string> = {
  onnxruntime: "KIND_AUTO",
  tensorrt: "KIND_GPU",
  python: "KIND_CPU",
};

/** Half a batch is worth starting with; less than that waits for more. */
function preferredSizes(maxBatchSize: number): number[] {
  const half = Math.floor(maxBatchSize / 2);
  return half >= 2 ? [half, maxBatchSize] : [maxBatchSize];
}

function tensor({ name, datatype, dims }: TensorConfig): string {
  return `{ name: ${quoted(name)}, data_type: TYPE_${datatype}, dims: [ ${dims.join(", ")} ] }`;
}

function warmUp(rows: number, { name, datatype, dims }: TensorConfig): string {
  const value = `{ data_type: TYPE_${datatype}, dims: [ ${dims.join(", ")} ], zero_data: true }`;
  return `{ name: "batch of ${rows}", batch_size: ${rows}, inputs { key: ${quoted(name)}, value: ${value} } }`;
}

/** A string as protobuf's text format has it. */
function quoted(text: string): string {
  const escaped = text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
  return `"${escaped}"`;
}
