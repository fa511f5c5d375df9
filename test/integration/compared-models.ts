/** Models for tests of comparisons: tiny ones that are made in no time, and the demo model with coarser weights. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import protobuf from "protobufjs";
import sharp from "sharp";
import { z } from "zod";
import { createOnnxGraph } from "../../src/model-server/demo-model/onnx-model.ts";

export interface ModelFolder {
  path(...parts: string[]): string;
  write(path: string, content: string | Uint8Array): Promise<string>;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function modelFolder(): Promise<ModelFolder> {
  const folder = await mkdtemp(join(tmpdir(), "briareus-compare-"));
  const path = (...parts: string[]) => join(folder, ...parts);
  return {
    path,
    write: async (name, content) => {
      await mkdir(join(path(name), ".."), { recursive: true });
      await writeFile(path(name), content);
      return path(name);
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Scores of a picture: how red, green and blue it is, times `factor`; of a black one NaN, where asked for. */
export function colourModel({ factor = 1, side = 8, nanForBlack = false } = {}): Uint8Array {
  const onnx = createOnnxGraph();
  const float = onnx.node("Cast", ["images"], { to: 1 });
  const mean = onnx.node("ReduceMean", [float], { axes: [1, 2], keepdims: 0 });
  // 0 / 0 is NaN, and minus itself it stays NaN.
  const quotient = onnx.node("Div", [mean, mean]);
  const nothing = onnx.node("Sub", [quotient, quotient]);
  const scaled = onnx.node("Mul", [mean, onnx.constant("factor", [], Float32Array.of(factor / 255))]);
  onnx.node(nanForBlack ? "Add" : "Identity", nanForBlack ? [scaled, nothing] : [scaled], {}, "scores");
  return onnx.encode({
    name: "colours",
    input: { name: "images", elementType: "uint8", shape: ["n", side, side, 3] },
    output: { name: "scores", elementType: "float32", shape: ["n", 3] },
  });
}

export function colourConfig(name: string, labels = "red,green,blue"): string {
  return `name: "${name}"
backend: "onnxruntime"
max_batch_size: 4
input [ { name: "images", data_type: TYPE_UINT8, dims: [ 8, 8, 3 ] } ]
output [ { name: "scores", data_type: TYPE_FP32, dims: [ 3 ] } ]
version_policy { all {} }
parameters { key: "labels", value: { string_value: "${labels}" } }
`;
}

/** A PNG of one colour, 0..255. */
export async function plainPicture(red: number, green = 0, blue = 0): Promise<Buffer> {
  const background = { r: red, g: green, b: blue };
  return await sharp({ create: { width: 32, height: 24, channels: 3, background } })
    .png()
    .toBuffer();
}

const Initializers = z.looseObject({
  graph: z.looseObject({ initializer: z.array(z.looseObject({ raw_data: z.instanceof(Uint8Array) })) }),
});

/**
 * An ONNX file whose weights keep only so many bits of their mantissa: 10 are those of fp16.
 * @param onnx has float32 weights
 */
export async function coarser(onnx: string, bits: number): Promise<Uint8Array> {
  const proto = join(import.meta.dirname, "../../src/model-server/demo-model/onnx.proto");
  const Model = new protobuf.Root().loadSync(proto, { keepCase: true }).lookupType("onnx.ModelProto");
  const decoded = Model.decode(await readFile(onnx));
  for (const weight of Initializers.parse(decoded).graph.initializer) {
    const { buffer, byteOffset, byteLength } = weight.raw_data;
    const bytes = new DataView(buffer, byteOffset, byteLength);
    for (let at = 0; at < byteLength; at += 4) bytes.setFloat32(at, rounded(bytes.getFloat32(at, true), bits), true);
  }
  return Model.encode(decoded).finish();
}

function rounded(value: number, bits: number): number {
  if (value === 0) return 0;
  const step = 2 ** (Math.floor(Math.log2(Math.abs(value))) - bits);
  return Math.round(value / step) * step;
}
