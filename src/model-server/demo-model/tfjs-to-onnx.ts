import { type Attributes, createOnnxGraph } from "./onnx-model.ts";
import type { TfjsGraph, TfjsNode } from "./tfjs-graph.ts";

/**
 * Converts an image classifier from TensorFlow.js to ONNX. TensorFlow's pictures are channels-last and ONNX's
 * operators channels-first: the picture is transposed once at the entry, every kernel when it is stored.
 * @returns an .onnx file; input `images` uint8 [n, height, width, 3] (RGB, 0..255), output `scores` float32
 *   [n, classes], each row summing to 1
 * @throws Error naming an operator that is not converted
 */
export function tfjsToOnnx(source: TfjsGraph, picture: { height: number; width: number; classes: number }): Uint8Array {
  const onnx = createOnnxGraph();
  const kernels = kernelsOf(source);
  const values = new Map<string, string>();

  /** Depth first, because ONNX wants every value made before it is used. */
  const resultOf = (name: string): string => {
    const node = source.nodes.get(name);
    if (!node) throw new Error(`the graph uses "${name}" but does not have it`);
    const value = values.get(name) ?? convert(node);
    values.set(name, value);
    return value;
  };

  const convert = (node: TfjsNode): string => {
    if (node.op === "Const") {
      const { shape, values } = kernels.get(node.name) ?? weightOf(source, node.name);
      return onnx.constant(`weight_${node.name.replaceAll(/\W+/g, "_")}`, shape, values);
    }
    const inputs = node.input.map(resultOf);
    switch (node.op) {
      case "Placeholder": {
        // TensorRT wants bytes to be cast before anything else is done to them.
        const float = onnx.node("Cast", ["images"], { to: 1 });
        const first = onnx.node("Transpose", [float], { perm: [0, 3, 1, 2] });
        return onnx.node("Div", [first, onnx.constant("highest_byte", [], Float32Array.of(255))]);
      }
      case "Mul":
      case "Sub":
        return onnx.node(node.op, inputs);
      case "AddV2":
        return onnx.node("Add", inputs);
      case "_FusedConv2D":
        return relu6(node, onnx.node("Conv", inputs, windowOf(node)));
      case "FusedDepthwiseConv2dNative": {
        const channels = kernels.get(node.input[1] ?? "")?.shape[0] ?? 0;
        return relu6(node, onnx.node("Conv", inputs, { ...windowOf(node), group: channels }));
      }
      case "AvgPool":
        return onnx.node("AveragePool", inputs, { kernel_shape: heightAndWidth(node.attr.ksize), ...windowOf(node) });
      case "Squeeze":
        return onnx.node("Flatten", inputs, { axis: 1 });
      case "_FusedMatMul":
        return onnx.node("Gemm", inputs);
      case "Softmax":
        return onnx.node("Softmax", inputs, { axis: -1 });
      case "Identity":
        return onnx.node("Identity", inputs, {}, "scores");
      default:
        throw new Error(`operator "${node.op}" of node "${node.name}" is not converted`);
    }
  };

  const relu6 = (node: TfjsNode, value: string): string => {
    const [bias, activation, ...more] = node.attr.fused_ops?.list.s ?? [];
    if (bias !== "BiasAdd" || more.length > 0 || (activation !== undefined && activation !== "Relu6"))
      throw new Error(`node "${node.name}" is fused with operators that are not converted`);
    if (!activation) return value;
    return onnx.node("Clip", [value, constantOnce("zero", 0), constantOnce("six", 6)]);
  };

  const constantOnce = (name: string, value: number): string => {
    if (!values.has(name)) values.set(name, onnx.constant(name, [], Float32Array.of(value)));
    return name;
  };

  resultOf("Identity");
  return onnx.encode({
    name: "classifier",
    input: { name: "images", elementType: "uint8", shape: ["n", picture.height, picture.width, 3] },
    output: { name: "scores", elementType: "float32", shape: ["n", picture.classes] },
  });
}

type Weight = { shape: readonly number[]; values: Float32Array };

/** Convolution kernels in ONNX's order [outputs, inputs per group, height, width]. */
function kernelsOf(source: TfjsGraph): Map<string, Weight> {
  // TensorFlow: [height, width, inputs, outputs], and for depthwise ones [height, width, channels, 1].
  const orders: Record<string, readonly number[]> = {
    _FusedConv2D: [3, 2, 0, 1],
    FusedDepthwiseConv2dNative: [2, 3, 0, 1],
  };
  const kernels = new Map<string, Weight>();
  for (const { op, input } of source.nodes.values()) {
    const [, name] = input;
    const order = orders[op];
    if (order && name) kernels.set(name, transposed(weightOf(source, name), order));
  }
  return kernels;
}

function weightOf(source: TfjsGraph, name: string): Weight {
  const weight = source.weights.get(name);
  if (!weight) throw new Error(`the weights lack "${name}"`);
  return weight;
}

/** A row-major array with its dimensions in another order: result dimension d is source dimension `order[d]`. */
function transposed({ shape, values }: Weight, order: readonly number[]): Weight {
  const strides = shape.map((_, d) => shape.slice(d + 1).reduce((product, size) => product * size, 1));
  const target = order.map((d) => shape[d] ?? 1);
  const steps = order.map((d) => strides[d] ?? 0);
  const result = new Float32Array(values.length);
  const index = target.map(() => 0);
  for (let position = 0; position < result.length; position++) {
    result[position] = values[index.reduce((sum, i, d) => sum + i * (steps[d] ?? 0), 0)] ?? 0;
    for (let d = target.length - 1; d >= 0; d--) {
      index[d] = ((index[d] ?? 0) + 1) % (target[d] ?? 1);
      if (index[d] !== 0) break;
    }
  }
  return { shape: target, values: result };
}

function windowOf({ attr }: TfjsNode): Attributes {
  return {
    strides: heightAndWidth(attr.strides),
    // TensorFlow puts the odd pixel of its padding below and to the right.
    auto_pad: attr.padding?.s === "SAME" ? "SAME_UPPER" : "VALID",
  };
}

function heightAndWidth(attribute: TfjsNode["attr"]["strides"]): readonly number[] {
  return attribute?.list.i.slice(1, 3) ?? [1, 1];
}
