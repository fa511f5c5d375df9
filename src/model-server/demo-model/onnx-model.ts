import { fileURLToPath } from "node:url";
import protobuf from "protobufjs";

export type Attributes = Record<string, number | string | readonly number[]>;
export type Dimension = number | "n";

/** Element types by their number in ONNX's TensorProto.DataType. */
const elementTypes = { float32: 1, uint8: 2 } as const;
export type ElementType = keyof typeof elementTypes;

/** Collects a graph, nodes in the order in which they are to run. Values are known by name. */
export interface OnnxGraph {
  /** Adds a node and gives the name of its one output. */
  node(operator: string, inputs: readonly string[], attributes?: Attributes, output?: string): string;
  /** Adds a constant; `values` are row-major. */
  constant(name: string, shape: readonly number[], values: Float32Array): string;
  /** The model as the bytes of an .onnx file. */
  encode(ends: { name: string; input: ValueInfo; output: ValueInfo }): Uint8Array;
}

export interface ValueInfo {
  name: string;
  elementType: ElementType;
  shape: readonly Dimension[];
}

/** IR version 8 goes with operator set 17; ONNX Runtime reads both since 1.12, so every Triton in use does. */
const irVersion = 8;
const operatorSet = 17;

export function createOnnxGraph(): OnnxGraph {
  const nodes: object[] = [];
  const initializers: object[] = [];
  return {
    node(operator, inputs, attributes = {}, output = `${operator}_${nodes.length}`) {
      nodes.push({
        name: output,
        op_type: operator,
        input: inputs,
        output: [output],
        attribute: Object.entries(attributes).map(attributeOf),
      });
      return output;
    },
    constant(name, shape, values) {
      const raw = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
      initializers.push({ name, dims: shape, data_type: elementTypes.float32, raw_data: raw });
      return name;
    },
    encode({ name, input, output }) {
      const Model = new protobuf.Root()
        .loadSync(fileURLToPath(new URL("./onnx.proto", import.meta.url)), { keepCase: true })
        .lookupType("onnx.ModelProto");
      return Model.encode(
        Model.fromObject({
          ir_version: irVersion,
          producer_name: "briareus",
          opset_import: [{ domain: "", version: operatorSet }],
          graph: {
            name,
            node: nodes,
            initializer: initializers,
            input: [valueInfoOf(input)],
            output: [valueInfoOf(output)],
          },
        }),
      ).finish();
    },
  };
}

function attributeOf([name, value]: [string, Attributes[string]]): object {
  if (typeof value === "number") return { name, type: "INT", i: value };
  if (typeof value === "string") return { name, type: "STRING", s: Buffer.from(value) };
  return { name, type: "INTS", ints: value };
}

function valueInfoOf({ name, elementType, shape }: ValueInfo): object {
  const dim = shape.map((size) => (typeof size === "number" ? { dim_value: size } : { dim_param: size }));
  return { name, type: { tensor_type: { elem_type: elementTypes[elementType], shape: { dim } } } };
}
