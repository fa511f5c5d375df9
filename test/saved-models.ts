/** SavedModels as far as their signatures go, made without TensorFlow. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import protobuf from "protobufjs";

export interface TensorOf {
  dtype?: number;
  /** Absent: any rank. */
  shape?: number[];
}

export type SignaturesOf = Record<string, { inputs: Record<string, TensorOf>; outputs: Record<string, TensorOf> }>;

/** Numbers of TensorFlow's datatypes. */
export const dtype = { float32: 1, int32: 3, uint8: 4, string: 7 };

/** A classifier of 224 x 224 pictures with five classes. */
export const classifier: SignaturesOf = {
  serving_default: {
    inputs: { pictures: { dtype: dtype.float32, shape: [-1, 224, 224, 3] } },
    outputs: { scores: { dtype: dtype.float32, shape: [-1, 5] } },
  },
};

/** Writes a saved_model.pb without graphs, variables and all else that signatures do not need. */
export async function writeSavedModel(folder: string, signatures: SignaturesOf, tags = ["serve"]): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "saved_model.pb"), savedModelBytes(signatures, tags));
}

export function savedModelBytes(signatures: SignaturesOf, tags = ["serve"]): Uint8Array {
  const type = new protobuf.Root()
    .loadSync("src/models/convert/saved-model.proto", { keepCase: true })
    .lookupType("tensorflow.SavedModel");
  const tensors = (named: Record<string, TensorOf>) =>
    Object.fromEntries(
      Object.entries(named).map(([key, { dtype = 1, shape }]) => [
        key,
        { dtype, tensor_shape: shape ? { dim: shape.map((size) => ({ size })) } : { unknown_rank: true } },
      ]),
    );
  const signature_def = Object.fromEntries(
    Object.entries(signatures).map(([name, { inputs, outputs }]) => [
      name,
      { inputs: tensors(inputs), outputs: tensors(outputs) },
    ]),
  );
  const meta_info_def = { tags, tensorflow_version: "2.21.0" };
  return type.encode(type.fromObject({ meta_graphs: [{ meta_info_def, signature_def }] })).finish();
}
