import { InferenceError, type ModelMetadata } from "./inference-client.ts";

/** How a model wants its pictures: RGB, `UINT8` in 0..255 or `FP32` in 0..1, rows of a batch contiguous. */
export interface TensorSpec {
  /** Equal for models that can share one tensor, such as "uint8-nhwc-224x224x3". */
  key: string;
  height: number;
  width: number;
  channels: 3;
  layout: "nhwc" | "nchw";
  datatype: "UINT8" | "FP32";
}

/**
 * What preprocess must make for a model, from the shape (with or without a leading batch dimension) and
 * datatype of its input.
 * @throws InferenceError `bad-request` when the input is no RGB picture of fixed size
 */
export function tensorSpecOf(metadata: ModelMetadata): TensorSpec {
  const { name, datatype, shape } = metadata.input;
  const refuse = (what: string): never => {
    throw new InferenceError(
      "bad-request",
      `Model "${metadata.name}": input "${name}" (${datatype} [${shape.join(", ")}]) ${what}; ` +
        "it must be UINT8 or FP32 of shape [n, height, width, 3] or [n, 3, height, width]",
    );
  };
  if (datatype !== "UINT8" && datatype !== "FP32") return refuse("has a datatype that pictures are not made in");
  const [a, b, c, ...more] = shape.length === 4 ? shape.slice(1) : shape;
  if (a === undefined || b === undefined || c === undefined || more.length > 0) return refuse("is no picture");
  if (c !== 3 && a !== 3) return refuse("has no dimension of 3 channels");
  const layout = c === 3 ? "nhwc" : "nchw";
  const [height, width] = layout === "nhwc" ? [a, b] : [b, c];
  if (height <= 0 || width <= 0) return refuse("has no fixed size");
  const dimensions = layout === "nhwc" ? [height, width, 3] : [3, height, width];
  return {
    key: `${datatype.toLowerCase()}-${layout}-${dimensions.join("x")}`,
    height,
    width,
    channels: 3,
    layout,
    datatype,
  };
}

/** Bytes of one row of a tensor of this specification. */
export function rowBytesOf(spec: TensorSpec): number {
  return spec.height * spec.width * spec.channels * (spec.datatype === "FP32" ? 4 : 1);
}
