import { expect, test } from "vitest";
import type { TensorSpec } from "../../src/inference/tensor-spec.ts";
import { batchTensorOf } from "../../src/workers/preprocess/batch-tensor.ts";

const spec = (datatype: TensorSpec["datatype"], layout: TensorSpec["layout"]): TensorSpec => {
  return { key: `${datatype}-${layout}`, height: 1, width: 2, channels: 3, layout, datatype };
};
const pictures = [Uint8Array.of(0, 51, 102, 153, 204, 255), Uint8Array.of(1, 2, 3, 4, 5, 6)];

test("a UINT8 NHWC tensor is the pictures' pixels one after the other", () => {
  expect([...batchTensorOf(spec("UINT8", "nhwc"), pictures)]).toEqual([0, 51, 102, 153, 204, 255, 1, 2, 3, 4, 5, 6]);
});

test("an NCHW tensor has each picture's red, green and blue planes one after the other", () => {
  expect([...batchTensorOf(spec("UINT8", "nchw"), pictures)]).toEqual([0, 153, 51, 204, 102, 255, 1, 4, 2, 5, 3, 6]);
});

test("an FP32 tensor has values from 0 to 1", () => {
  const tensor = batchTensorOf(spec("FP32", "nhwc"), pictures);
  expect(tensor.byteLength).toBe(2 * 6 * 4);
  const values = [...new Float32Array(tensor.buffer, tensor.byteOffset, 6)];
  values.forEach((value, index) => {
    expect(value).toBeCloseTo(index / 5, 6);
  });
});

test("an FP32 NCHW tensor has planes of values from 0 to 1", () => {
  const tensor = batchTensorOf(spec("FP32", "nchw"), pictures);
  const values = [...new Float32Array(tensor.buffer, tensor.byteOffset, 6)].map((value) => Math.round(value * 5));
  expect(values).toEqual([0, 3, 1, 4, 2, 5]);
});
