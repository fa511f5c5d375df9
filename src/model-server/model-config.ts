import { readFile } from "node:fs/promises";
import { z } from "zod";
import type { ModelConfig } from "../inference/protocol.ts";
import { datatypeNames } from "./datatypes.ts";
import { parseTextFormat, TextFormatError, type TextMessage } from "./text-format.ts";

/** A model's configuration is wrong; the message names file, line and field. */
export class ModelConfigError extends Error {
  readonly code = "model-config";
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "ModelConfigError";
  }
}

/**
 * Reads the configuration of a model, Triton's defaults filled in.
 * @param folderName name of the model's folder, which its `name` must repeat if it is given
 * @throws ModelConfigError
 */
export async function readModelConfig(path: string, folderName: string): Promise<ModelConfig> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw new ModelConfigError(`${path}: cannot be read (${error instanceof Error ? error.message : error})`);
  });
  return parseModelConfig(text, path, folderName);
}

/** @throws ModelConfigError */
export function parseModelConfig(text: string, path: string, folderName: string): ModelConfig {
  const message = parsed(text, path);
  const result = Config.safeParse(plain(message));
  if (!result.success) {
    const lines = result.error.issues.map((issue) => `${path}: ${described(issue, message)}`);
    throw new ModelConfigError(lines.join("\n"));
  }
  const config = result.data;
  if (config.name !== "" && config.name !== folderName)
    throw new ModelConfigError(`${path}: name: "${config.name}" must be the folder's name, "${folderName}"`);
  return { ...config, name: folderName, platform: "onnxruntime_onnx", backend: "onnxruntime" };
}

const one = <T extends z.ZodType>(schema: T) => z.array(schema).max(1, "is given more than once").optional();
const optional = <T extends z.ZodType>(schema: T) => one(schema).transform((values) => values?.[0]);
const many = <T extends z.ZodType>(schema: T) => z.array(schema).default([]);
const withDefault = <T extends z.ZodType>(schema: T, value: z.output<T>) =>
  one(schema).transform((values) => values?.[0] ?? value);

const text = z.string("must be a string in quotes");
const whole = z
  .number("must be a whole number")
  .int("must be a whole number")
  .min(0, "must not be negative")
  .max(2 ** 31 - 1, "is too large");
const size = whole.min(1, "must be at least 1");
const dimension = z
  .number("must be a whole number")
  .int("must be a whole number")
  .refine((value) => value === -1 || value > 0, "must be -1 (any size) or more than 0");

/** Settings that tune Triton or its GPUs and change no answer are allowed, and without effect here. */
const ignored = z.unknown().optional();

const message = <T extends z.ZodRawShape>(shape: T) => z.strictObject(shape, "must be a message in braces");

const tensor = {
  name: withDefault(text, ""),
  data_type: optional(
    z.enum(
      datatypeNames.map((name) => `TYPE_${name}` as const),
      `must be one of ${datatypeNames.map((name) => `TYPE_${name}`).join(", ")}`,
    ),
  ).transform((value) => value ?? "TYPE_INVALID"),
  dims: many(dimension),
};

const Config = message({
  name: withDefault(text, ""),
  platform: withDefault(z.literal(["onnxruntime_onnx", ""], 'must be "onnxruntime_onnx"'), ""),
  backend: withDefault(z.literal(["onnxruntime", ""], 'must be "onnxruntime"'), ""),
  version_policy: withDefault(
    message({
      latest: optional(message({ num_versions: withDefault(size, 1) })),
      all: optional(message({})),
      specific: optional(message({ versions: many(size) })),
    }),
    { latest: { num_versions: 1 }, all: undefined, specific: undefined },
  ),
  max_batch_size: withDefault(whole, 0),
  input: many(message({ ...tensor, format: ignored })).refine((list) => list.length > 0, "is missing"),
  output: many(message({ ...tensor, label_filename: ignored })).refine((list) => list.length > 0, "is missing"),
  instance_group: many(
    message({
      count: withDefault(size, 1),
      name: ignored,
      kind: ignored,
      gpus: ignored,
      profile: ignored,
      rate_limiter: ignored,
      secondary_devices: ignored,
      host_policy: ignored,
    }),
  ),
  default_model_filename: withDefault(text.regex(/^[^/]+$/, "must be the name of a file"), "model.onnx"),
  dynamic_batching: optional(
    message({
      preferred_batch_size: many(size),
      max_queue_delay_microseconds: withDefault(whole, 0),
      preserve_ordering: ignored,
      default_queue_policy: optional(
        message({
          max_queue_size: withDefault(whole, 0),
          timeout_action: ignored,
          default_timeout_microseconds: optional(z.literal(0, "must be 0: the request's own deadline counts")),
          allow_timeout_override: ignored,
        }),
      ),
    }),
  ),
  parameters: many(
    message({ key: withDefault(text, ""), value: optional(message({ string_value: withDefault(text, "") })) }),
  ),
  metric_tags: ignored,
  optimization: ignored,
  model_warmup: ignored,
  response_cache: ignored,
  runtime: ignored,
})
  .superRefine((config, context) => {
    const refuse = (path: (string | number)[], message: string) => context.addIssue({ code: "custom", path, message });
    for (const kind of ["input", "output"] as const)
      config[kind].forEach(({ name, data_type, dims }, index) => {
        if (name === "") refuse([kind, index], "has no name");
        if (data_type === "TYPE_INVALID") refuse([kind, index], `"${name}" has no data_type`);
        if (dims.length === 0) refuse([kind, index], `"${name}" has no dims`);
      });
    const batching = config.dynamic_batching;
    if (batching && config.max_batch_size === 0) refuse(["dynamic_batching"], "needs a max_batch_size of at least 1");
    if (batching?.preferred_batch_size.some((preferred) => preferred > config.max_batch_size))
      refuse(["dynamic_batching", "preferred_batch_size"], `must not exceed max_batch_size (${config.max_batch_size})`);
  })
  .transform((config) => ({
    ...config,
    parameters: Object.fromEntries(
      config.parameters.map(({ key, value }) => [key, { string_value: value?.string_value ?? "" }]),
    ),
  }));

function parsed(text: string, path: string): TextMessage {
  try {
    return parseTextFormat(text);
  } catch (error) {
    if (!(error instanceof TextFormatError)) throw error;
    throw new ModelConfigError(`${path}: ${error.message}`, { cause: error });
  }
}

function plain(message: TextMessage): Record<string, unknown[]> {
  const values = [...message].map(([name, list]) => [
    name,
    list.map(({ value }) => (value instanceof Map ? plain(value) : value)),
  ]);
  return Object.fromEntries(values);
}

/** "line 3: input.dims: must be …"; an issue of a field that is not there has the line of what should hold it. */
function described(issue: z.core.$ZodIssue, root: TextMessage): string {
  const path = issue.code === "unrecognized_keys" ? [...issue.path, issue.keys[0] ?? ""] : issue.path;
  const message = issue.code === "unrecognized_keys" ? "is no field that is known or supported" : issue.message;
  let line = 1;
  let here: TextMessage | undefined = root;
  path.forEach((name, depth) => {
    if (typeof name !== "string") return;
    const next: unknown = path[depth + 1];
    const entry = here?.get(name)?.[typeof next === "number" ? next : 0];
    if (!entry) return;
    line = entry.line;
    here = entry.value instanceof Map ? entry.value : undefined;
  });
  const field = path.filter((name) => typeof name === "string").join(".");
  return `line ${line}: ${field}: ${message}`;
}
