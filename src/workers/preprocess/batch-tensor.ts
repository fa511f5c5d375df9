import { rowBytesOf, type TensorSpec } from "../../inference/tensor-spec.ts";
import type { Allocate } from "../../memory/allocate.ts";

/**
 * One contiguous tensor of a batch: a row per picture, in order.
 *
 * For UINT8 in NHWC this is a copy. FP32 or NCHW is the slow way, about 1 ms of JavaScript per picture and, for FP32,
 * four times the bytes to carry: models should do their normalisation and transposition in their own graph.
 *
 * @param pictures each height x width x 3 bytes, row-major RGB
 * @param allocate gives the memory, beginning at a multiple of four; all of it is written
 */
export function batchTensorOf(
  spec: TensorSpec,
  pictures: readonly Uint8Array[],
  allocate: Allocate = (bytes) => new Uint8Array(bytes),
): Uint8Array {
  const rowBytes = rowBytesOf(spec);
  const tensor = allocate(pictures.length * rowBytes);
  pictures.forEach((picture, row) => {
    writeRow(spec, picture, tensor.subarray(row * rowBytes, (row + 1) * rowBytes));
  });
  return tensor;
}

function writeRow(spec: TensorSpec, picture: Uint8Array, row: Uint8Array): void {
  if (spec.datatype === "UINT8" && spec.layout === "nhwc") {
    row.set(picture);
    return;
  }
  const target = spec.datatype === "FP32" ? new Float32Array(row.buffer, row.byteOffset, row.byteLength / 4) : row;
  const scale = spec.datatype === "FP32" ? 1 / 255 : 1;
  const plane = spec.height * spec.width;
  // A value's place is pixel * pixelStep + channel * channelStep.
  const [pixelStep, channelStep] = spec.layout === "nhwc" ? [3, 1] : [1, plane];
  for (let pixel = 0, source = 0, at = 0; pixel < plane; pixel++, source += 3, at += pixelStep) {
    target[at] = (picture[source] ?? 0) * scale;
    target[at + channelStep] = (picture[source + 1] ?? 0) * scale;
    target[at + 2 * channelStep] = (picture[source + 2] ?? 0) * scale;
  }
}
