import { ConversionError } from "./conversion-error.ts";
import type { SavedModel, Signature, SignatureTensor } from "./read-saved-model.ts";

/** A signature that takes pictures and gives a score per class. */
export interface PictureSignature {
  name: string;
  input: {
    key: string;
    dtype: "uint8" | "float32" | "float16";
    layout: "nhwc" | "nchw";
    height: number;
    width: number;
  };
  /** `classes` is undefined where the model does not say. */
  output: { key: string; classes: number | undefined };
}

export interface SignatureWishes {
  signature?: string;
  output?: string;
  /** For a model that takes pictures of any size. */
  size?: { height: number; width: number };
}

/**
 * The signature to convert. Asks rather than guesses where there are several.
 * @throws ConversionError for a model that is no classifier of pictures in batches of any size
 */
export function chooseSignature(model: SavedModel, wishes: SignatureWishes = {}): PictureSignature {
  const signature = wantedSignature(model, wishes.signature);
  const where = `${model.folder}: signature "${signature.name}"`;
  return {
    name: signature.name,
    input: pictureInput(signature, where, wishes.size),
    output: scoresOutput(signature, where, wishes.output),
  };
}

function wantedSignature({ folder, signatures }: SavedModel, wanted: string | undefined): Signature {
  const list = signatures.map(inWords).join("; ");
  if (wanted !== undefined) {
    const found = signatures.find(({ name }) => name === wanted);
    if (found) return found;
    throw new ConversionError(`${folder} has no signature "${wanted}"; it has ${list || "none"}`);
  }
  const [only, ...others] = signatures;
  if (!only) throw new ConversionError(`${folder} has no signatures: export it with one, as model.export(FOLDER) does`);
  const fromKeras = kerasExport(signatures);
  if (fromKeras) return fromKeras;
  if (others.length > 0)
    throw new ConversionError(
      `${folder} has ${signatures.length} signatures (${list}): say which with --signature NAME`,
    );
  return only;
}

/** Keras's model.export gives its one function two names, which is no reason to ask. */
function kerasExport(signatures: readonly Signature[]): Signature | undefined {
  const [serve, serving, ...others] = signatures;
  if (serve?.name !== "serve" || serving?.name !== "serving_default" || others.length > 0) return undefined;
  return JSON.stringify({ ...serve, name: "" }) === JSON.stringify({ ...serving, name: "" }) ? serving : undefined;
}

function pictureInput({ inputs }: Signature, where: string, size: SignatureWishes["size"]): PictureSignature["input"] {
  const [input, ...others] = inputs;
  if (!input || others.length > 0)
    throw new ConversionError(
      `${where} has ${inputs.length} inputs (${inputs.map(described).join(", ") || "none"}); it must take one, a batch of pictures`,
    );
  const { key, dtype, shape } = input;
  const refuse = (what: string) => new ConversionError(`${where}: input ${described(input)} ${what}`);
  if (dtype === "string")
    throw refuse("takes encoded pictures; export a signature that takes decoded ones, [None, height, width, 3]");
  if (dtype !== "uint8" && dtype !== "float32" && dtype !== "float16")
    throw refuse("has a type that pictures are not given in; it must be uint8, float32 or float16");
  if (shape?.length !== 4) throw refuse("is no batch of pictures; its shape must be [None, height, width, 3]");
  const [batch = 0, a = 0, b = 0, c = 0] = shape;
  if (batch !== -1)
    throw refuse(
      `has the fixed batch size ${batch}: export it with the first dimension None, such as tf.TensorSpec([None, ${shape.slice(1).map(dimension).join(", ")}], tf.${dtype})`,
    );
  if (c !== 3 && a !== 3) throw refuse(`has ${c === -1 ? "any number of" : c} channels; pictures have 3 (RGB)`);
  const layout = c === 3 ? "nhwc" : "nchw";
  const [ownHeight, ownWidth] = layout === "nhwc" ? [a, b] : [b, c];
  if (size && ((ownHeight !== -1 && ownHeight !== size.height) || (ownWidth !== -1 && ownWidth !== size.width)))
    throw refuse(`takes pictures of one size, and not ${size.width}x${size.height}`);
  const height = size?.height ?? ownHeight;
  const width = size?.width ?? ownWidth;
  if (height < 1 || width < 1)
    throw refuse("takes pictures of any size: say which it was trained on, with --size WIDTHxHEIGHT");
  return { key, dtype, layout, height, width };
}

function scoresOutput({ outputs }: Signature, where: string, wanted: string | undefined): PictureSignature["output"] {
  const list = outputs.map(described).join(", ") || "none";
  const found = wanted === undefined ? outputs[0] : outputs.find(({ key }) => key === wanted);
  if (!found && wanted !== undefined) throw new ConversionError(`${where} has no output "${wanted}"; it has ${list}`);
  if (!found) throw new ConversionError(`${where} has no output`);
  if (wanted === undefined && outputs.length > 1)
    throw new ConversionError(
      `${where} has ${outputs.length} outputs (${list}): say which are the scores with --output NAME`,
    );
  const { key, dtype, shape } = found;
  if (!["float32", "float16", "float64"].includes(dtype) || (shape && shape.length !== 2))
    throw new ConversionError(
      `${where}: output ${described(found)} is no score per class; it must be float32 [None, classes]`,
    );
  const classes = shape?.[1] ?? -1;
  return { key, classes: classes > 0 ? classes : undefined };
}

function inWords({ name, inputs, outputs }: Signature): string {
  return `"${name}": ${inputs.map(described).join(", ")} → ${outputs.map(described).join(", ")}`;
}

/** `"images" float32 [None, 224, 224, 3]` */
function described({ key, dtype, shape }: SignatureTensor): string {
  return `"${key}" ${dtype} ${shape ? `[${shape.map(dimension).join(", ")}]` : "of any shape"}`;
}

const dimension = (size: number) => (size === -1 ? "None" : String(size));
