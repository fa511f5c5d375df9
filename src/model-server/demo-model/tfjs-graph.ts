import { runInNewContext } from "node:vm";
import { z } from "zod";

const Integers = z.object({ list: z.object({ i: z.array(z.coerce.number()) }) });
const Text = z.object({ s: z.base64().transform((text) => Buffer.from(text, "base64").toString()) });
const Texts = z.object({
  list: z.object({
    s: z.array(z.base64()).transform((list) => list.map((text) => Buffer.from(text, "base64").toString())),
  }),
});

const Node = z.object({
  name: z.string(),
  op: z.string(),
  input: z.array(z.string()).default([]),
  attr: z
    .object({
      strides: Integers.optional(),
      dilations: Integers.optional(),
      ksize: Integers.optional(),
      padding: Text.optional(),
      fused_ops: Texts.optional(),
    })
    .default({}),
});

const Weight = z.object({
  name: z.string(),
  shape: z.array(z.number().int().positive()),
  quantization: z.object({ min: z.number(), scale: z.number(), dtype: z.literal("uint8") }),
});

const GraphModel = z.object({
  format: z.literal("graph-model"),
  modelTopology: z.object({ node: z.array(Node) }),
  weightsManifest: z.tuple([z.object({ paths: z.array(z.string()), weights: z.array(Weight) })]),
});

export type TfjsNode = z.infer<typeof Node>;

/** A TensorFlow.js graph model: its nodes by name, and its weights as floats. */
export interface TfjsGraph {
  nodes: ReadonlyMap<string, TfjsNode>;
  weights: ReadonlyMap<string, { shape: readonly number[]; values: Float32Array }>;
}

/**
 * Reads a graph model that is packed as CommonJS modules: `model.min.js` exports the graph, and each shard that
 * it names exports base64 of a stretch of the weights. The modules are run, in a context that has nothing to
 * reach for, so `read` must give files whose integrity was checked.
 * @param read gives the source text of a file of the model's folder
 */
export function readTfjsGraph(read: (file: string) => string): TfjsGraph {
  const { modelTopology, weightsManifest } = GraphModel.parse(exportsOf(read("model.min.js")));
  const [{ paths, weights }] = weightsManifest;
  const shards = paths.map((path) => {
    const file = `${path.replace(/\.bin$/, "")}.min.js`;
    return Buffer.from(z.base64().parse(exportsOf(read(file))), "base64");
  });
  return {
    nodes: new Map(modelTopology.node.map((node) => [node.name, node])),
    weights: dequantised(weights, Buffer.concat(shards)),
  };
}

function exportsOf(source: string): unknown {
  const module = { exports: {} };
  runInNewContext(source, { module, exports: module.exports }, { timeout: 10_000 });
  return JSON.parse(JSON.stringify(module.exports));
}

/** A weight is stored as one byte q per value and stands for q x scale + min. */
function dequantised(weights: readonly z.infer<typeof Weight>[], bytes: Uint8Array): TfjsGraph["weights"] {
  let offset = 0;
  return new Map(
    weights.map(({ name, shape, quantization: { min, scale } }) => {
      const size = shape.reduce((product, dimension) => product * dimension, 1);
      const quantised = bytes.subarray(offset, offset + size);
      if (quantised.length < size)
        throw new Error(`the shards end ${size - quantised.length} bytes before "${name}" does`);
      offset += size;
      return [name, { shape, values: Float32Array.from(quantised, (q) => q * scale + min) }];
    }),
  );
}
