import { InferenceError, type ModelMetadata } from "./inference-client.ts";
import type { ModelConfig, Response } from "./protocol.ts";

/**
 * What Briareus needs to know of a model, from the server's answers to ModelMetadata and ModelConfig. The
 * classes' names come from the configuration: `parameters { key: "labels" value { string_value: "a,b" } }`.
 * @throws InferenceError `bad-request` for a model that is no classifier of one input
 */
export function modelMetadataOf(metadata: Response<"ModelMetadata">, config: ModelConfig): ModelMetadata {
  const refuse = (what: string) => new InferenceError("bad-request", `Model "${metadata.name}" ${what}`);
  const [input, ...otherInputs] = metadata.inputs;
  const [output, ...otherOutputs] = metadata.outputs;
  if (!input || otherInputs.length > 0) throw refuse(`has ${metadata.inputs.length} inputs; it must have one`);
  if (!output || otherOutputs.length > 0) throw refuse(`has ${metadata.outputs.length} outputs; it must have one`);
  if (output.datatype !== "FP32") throw refuse(`gives ${output.datatype} as "${output.name}"; it must give FP32`);
  const labels = labelsOf(config);
  if (labels.length === 0)
    throw refuse(
      'names no classes; add to its config.pbtxt: parameters { key: "labels" value: { string_value: "first,second" } }',
    );
  const classes = output.shape.at(-1) ?? -1;
  if (classes !== -1 && classes !== labels.length)
    throw refuse(`gives ${classes} scores but names ${labels.length} classes (${labels.join(",")})`);
  return {
    name: metadata.name,
    versions: metadata.versions.toSorted((a, b) => Number(a) - Number(b)),
    input: { name: input.name, datatype: input.datatype, shape: input.shape },
    output: { name: output.name, datatype: output.datatype, shape: output.shape },
    maxBatchSize: config.max_batch_size,
    labels,
  };
}

function labelsOf(config: ModelConfig): string[] {
  const text = config.parameters.labels?.string_value ?? "";
  return text
    .split(",")
    .map((label) => label.trim())
    .filter((label) => label !== "");
}
