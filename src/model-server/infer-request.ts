import type { InferTensor, ModelConfig, ModelInferRequest, TensorContents } from "../inference/protocol.ts";
import { type DatatypeName, datatypes } from "./datatypes.ts";
import { invalid } from "./serving-error.ts";

/** One input of a request: `rows` rows of `rowBytes` bytes, or, of a model without batches, all of it as one row. */
export interface InputRows {
  name: string;
  datatype: DatatypeName;
  /** Dimensions of one row, without the batch dimension. */
  rowDims: readonly number[];
  rowBytes: number;
  bytes: Uint8Array;
}

export interface InferWork {
  rows: number;
  inputs: readonly InputRows[];
  /** Names of the outputs asked for. */
  outputs: readonly string[];
}

/**
 * Checks a request against the model's configuration.
 * @throws ServingError INVALID_ARGUMENT naming input, what it has and what it must have
 */
export function inferWorkOf(request: ModelInferRequest, config: ModelConfig): InferWork {
  const raw = request.raw_input_contents;
  if (raw.length > 0 && raw.length !== request.inputs.length)
    throw invalid(`${request.inputs.length} inputs came with ${raw.length} raw contents; there must be one for each`);
  const byName = new Map(request.inputs.map((input, index) => [input.name, { input, raw: raw[index] }]));
  if (byName.size !== config.input.length || request.inputs.length !== config.input.length)
    throw invalid(
      `expected ${config.input.length} inputs but got ${request.inputs.length} inputs for model '${config.name}'`,
    );
  let rows: number | undefined;
  const inputs = config.input.map((wanted) => {
    const given = byName.get(wanted.name);
    if (!given) throw invalid(`input '${wanted.name}' of model '${config.name}' is missing`);
    const read = inputRowsOf(given.input, given.raw, wanted, config);
    if (rows !== undefined && read.rows !== rows)
      throw invalid(`input '${wanted.name}' has ${read.rows} rows, but the inputs before it have ${rows}`);
    rows = read.rows;
    return read.input;
  });
  return { rows: rows ?? 1, inputs, outputs: outputsOf(request, config) };
}

function inputRowsOf(
  given: InferTensor,
  raw: Uint8Array | undefined,
  wanted: ModelConfig["input"][number],
  config: ModelConfig,
): { rows: number; input: InputRows } {
  const { name } = wanted;
  const datatype = wanted.data_type.replace("TYPE_", "") as DatatypeName;
  if (given.datatype !== datatype)
    throw invalid(
      `inference input '${name}' data-type is '${given.datatype}', but model '${config.name}' expects '${datatype}'`,
    );
  const isBatched = config.max_batch_size > 0;
  const expected = isBatched ? [-1, ...wanted.dims] : wanted.dims;
  const fits =
    given.shape.length === expected.length &&
    given.shape.every((size, d) => size > 0 && (expected[d] === -1 || expected[d] === size));
  if (!fits)
    throw invalid(
      `unexpected shape for input '${name}' for model '${config.name}'. Expected [${expected.join(",")}], got [${given.shape.join(",")}]`,
    );
  const rows = isBatched ? (given.shape[0] ?? 1) : 1;
  if (isBatched && rows > config.max_batch_size)
    throw invalid(`inference request batch-size must be <= ${config.max_batch_size} for '${config.name}'`);
  const rowDims = isBatched ? given.shape.slice(1) : given.shape;
  const rowBytes = rowDims.reduce((product, size) => product * size, datatypes[datatype].bytes);
  const bytes = raw ?? bytesOf(given.contents ?? {}, datatype);
  if (bytes.length !== rows * rowBytes)
    throw invalid(`unexpected total byte size ${bytes.length} for input '${name}', expecting ${rows * rowBytes}`);
  return { rows, input: { name, datatype, rowDims, rowBytes, bytes } };
}

function outputsOf(request: ModelInferRequest, config: ModelConfig): string[] {
  const known = config.output.map((output) => output.name);
  const asked = (request.outputs ?? []).map((output) => output.name);
  const unknown = asked.find((name) => !known.includes(name));
  if (unknown !== undefined) throw invalid(`unexpected inference output '${unknown}' for model '${config.name}'`);
  return asked.length > 0 ? asked : known;
}

/** Typed contents as the bytes that raw contents would have been. */
function bytesOf(contents: TensorContents, datatype: DatatypeName): Uint8Array {
  switch (datatype) {
    case "BOOL":
      return Uint8Array.from(contents.bool_contents ?? [], Number);
    case "UINT8":
      return Uint8Array.from(contents.uint_contents ?? []);
    case "UINT16":
      return bytes(Uint16Array.from(contents.uint_contents ?? []));
    case "UINT32":
      return bytes(Uint32Array.from(contents.uint_contents ?? []));
    case "UINT64":
      return bytes(BigUint64Array.from(contents.uint64_contents ?? [], BigInt));
    case "INT8":
      return bytes(Int8Array.from(contents.int_contents ?? []));
    case "INT16":
      return bytes(Int16Array.from(contents.int_contents ?? []));
    case "INT32":
      return bytes(Int32Array.from(contents.int_contents ?? []));
    case "INT64":
      return bytes(BigInt64Array.from(contents.int64_contents ?? [], BigInt));
    case "FP32":
      return bytes(Float32Array.from(contents.fp32_contents ?? []));
    case "FP64":
      return bytes(Float64Array.from(contents.fp64_contents ?? []));
    case "FP16":
      throw invalid("FP16 has no typed contents; send raw_input_contents");
  }
}

function bytes(array: { buffer: ArrayBufferLike; byteOffset: number; byteLength: number }): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
