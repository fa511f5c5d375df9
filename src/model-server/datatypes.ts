import type { Tensor } from "onnxruntime-node";

interface Datatype {
  /** Its name in ONNX Runtime. */
  onnx: Tensor.Type;
  /** Bytes of one element. */
  bytes: number;
  /** The typed array in which ONNX Runtime takes and gives elements. */
  array: new (
    buffer: ArrayBuffer,
  ) => Exclude<Tensor.DataType, string[]>;
}

/** Every datatype served, by its name in the KServe protocol; a config.pbtxt puts TYPE_ before it. */
export const datatypes = {
  BOOL: { onnx: "bool", bytes: 1, array: Uint8Array },
  UINT8: { onnx: "uint8", bytes: 1, array: Uint8Array },
  UINT16: { onnx: "uint16", bytes: 2, array: Uint16Array },
  UINT32: { onnx: "uint32", bytes: 4, array: Uint32Array },
  UINT64: { onnx: "uint64", bytes: 8, array: BigUint64Array },
  INT8: { onnx: "int8", bytes: 1, array: Int8Array },
  INT16: { onnx: "int16", bytes: 2, array: Int16Array },
  INT32: { onnx: "int32", bytes: 4, array: Int32Array },
  INT64: { onnx: "int64", bytes: 8, array: BigInt64Array },
  FP16: { onnx: "float16", bytes: 2, array: Uint16Array },
  FP32: { onnx: "float32", bytes: 4, array: Float32Array },
  FP64: { onnx: "float64", bytes: 8, array: Float64Array },
} as const satisfies Record<string, Datatype>;

export type DatatypeName = keyof typeof datatypes;

export const datatypeNames = Object.keys(datatypes) as [DatatypeName, ...DatatypeName[]];
