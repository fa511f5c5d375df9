import { describe, expect, test } from "vitest";
import type { ModelMetadata } from "../../src/inference/inference-client.ts";
import { rowBytesOf, tensorSpecOf } from "../../src/inference/tensor-spec.ts";

const model = (datatype: string, shape: number[]): ModelMetadata => ({
  name: "faces",
  versions: ["1"],
  input: { name: "images", datatype, shape },
  output: { name: "scores", datatype: "FP32", shape: [-1, 2] },
  maxBatchSize: 16,
  labels: ["yes", "no"],
});

describe("the tensor that a model asks for", () => {
  test("is read from a batched uint8 picture in channels-last order", () => {
    expect(tensorSpecOf(model("UINT8", [-1, 224, 192, 3]))).toEqual({
      key: "uint8-nhwc-224x192x3",
      height: 224,
      width: 192,
      channels: 3,
      layout: "nhwc",
      datatype: "UINT8",
    });
  });

  test("is read from a float picture in channels-first order without a batch dimension", () => {
    const spec = tensorSpecOf(model("FP32", [3, 384, 256]));
    expect(spec).toMatchObject({ key: "fp32-nchw-3x384x256", height: 384, width: 256, layout: "nchw" });
    expect(rowBytesOf(spec)).toBe(3 * 384 * 256 * 4);
  });

  test.each([
    ["a datatype that pictures are not made in", "INT64", [-1, 224, 224, 3]],
    ["no picture", "UINT8", [-1, 3]],
    ["no picture", "UINT8", [-1, 8, 224, 224, 3]],
    ["no dimension of 3 channels", "UINT8", [-1, 224, 224, 1]],
    ["no fixed size", "FP32", [-1, -1, -1, 3]],
  ])("is refused, naming model and input, when it has or is %s", (what, datatype, shape) => {
    const refused = () => tensorSpecOf(model(datatype, shape));
    expect(refused).toThrow(what);
    expect(refused).toThrow('Model "faces": input "images"');
    expect(refused).toThrow(expect.objectContaining({ code: "bad-request" }));
  });
});
