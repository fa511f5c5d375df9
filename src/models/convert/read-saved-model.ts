import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import protobuf from "protobufjs";
import { z } from "zod";
import { ConversionError } from "./conversion-error.ts";

/** One input or output of a signature. */
export interface SignatureTensor {
  /** The name by which callers know it. */
  key: string;
  /** TensorFlow's name, such as "float32". */
  dtype: string;
  /** -1: any size; undefined: any rank. */
  shape: readonly number[] | undefined;
}

export interface Signature {
  name: string;
  inputs: readonly SignatureTensor[];
  outputs: readonly SignatureTensor[];
}

export interface SavedModel {
  folder: string;
  tensorflowVersion: string;
  /** What it can be asked for, by name. */
  signatures: readonly Signature[];
}

/** By their numbers in DataType of TensorFlow's types.proto. */
const dtypes: Record<number, string> = {
  1: "float32",
  2: "float64",
  3: "int32",
  4: "uint8",
  5: "int16",
  6: "int8",
  7: "string",
  9: "int64",
  10: "bool",
  14: "bfloat16",
  17: "uint16",
  19: "float16",
};

/** The tag of the graph that is meant for serving, and signatures that TensorFlow makes for itself. */
const servingTag = "serve";
const internal = /^__saved_model_/;

/**
 * Reads which signatures a SavedModel has, without TensorFlow.
 * @throws ConversionError where the folder holds none, or a broken one
 */
export async function readSavedModel(folder: string): Promise<SavedModel> {
  const path = join(folder, "saved_model.pb");
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT" && error.code !== "ENOTDIR") throw new ConversionError(`${path}: ${error.message}`);
    throw new ConversionError(
      `${folder} is no SavedModel: it has no saved_model.pb; make one with model.export(FOLDER) or tf.saved_model.save`,
    );
  });
  const graphs = decoded(bytes, path).meta_graphs;
  const graph = graphs.find(({ meta_info_def }) => meta_info_def.tags.includes(servingTag));
  if (!graph) {
    const tags = graphs.map(({ meta_info_def }) => `[${meta_info_def.tags.join(", ")}]`).join(", ");
    throw new ConversionError(`${path} has no graph with the tag "${servingTag}"; it has ${tags || "none"}`);
  }
  const signatures = Object.entries(graph.signature_def)
    .filter(([name]) => !internal.test(name))
    .map(([name, { inputs, outputs }]) => ({ name, inputs: tensorsOf(inputs), outputs: tensorsOf(outputs) }))
    .toSorted((a, b) => a.name.localeCompare(b.name));
  return { folder, tensorflowVersion: graph.meta_info_def.tensorflow_version, signatures };
}

const TensorInfo = z.object({
  dtype: z.number().default(0),
  tensor_shape: z
    .object({
      dim: z.array(z.object({ size: z.coerce.number().default(0) })).default([]),
      unknown_rank: z.boolean().default(false),
    })
    .optional(),
});
const Tensors = z.record(z.string(), TensorInfo).default({});

const SavedModelMessage = z.object({
  meta_graphs: z
    .array(
      z.object({
        meta_info_def: z
          .object({ tags: z.array(z.string()).default([]), tensorflow_version: z.string().default("") })
          .prefault({}),
        signature_def: z.record(z.string(), z.object({ inputs: Tensors, outputs: Tensors })).default({}),
      }),
    )
    .default([]),
});

function decoded(bytes: Uint8Array, path: string): z.infer<typeof SavedModelMessage> {
  const type = new protobuf.Root()
    .loadSync(fileURLToPath(new URL("./saved-model.proto", import.meta.url)), { keepCase: true })
    .lookupType("tensorflow.SavedModel");
  try {
    return SavedModelMessage.parse(type.toObject(type.decode(bytes), { longs: Number }));
  } catch (error) {
    throw new ConversionError(`${path} is damaged or cut off (${bytes.length} bytes): export or copy the model anew`, {
      cause: error,
    });
  }
}

function tensorsOf(tensors: z.infer<typeof Tensors>): SignatureTensor[] {
  return Object.entries(tensors)
    .map(([key, { dtype, tensor_shape }]) => ({
      key,
      dtype: dtypes[dtype] ?? `type ${dtype}`,
      shape: tensor_shape && !tensor_shape.unknown_rank ? tensor_shape.dim.map(({ size }) => size) : undefined,
    }))
    .toSorted((a, b) => a.key.localeCompare(b.key));
}
