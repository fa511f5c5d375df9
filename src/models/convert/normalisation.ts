import { ConversionError } from "./conversion-error.ts";

/**
 * How a model was trained to see pictures: per channel (value 0..255 - mean) / deviation, in the model's order of
 * channels. It becomes part of the converted model, which takes the bytes as they are, in RGB.
 */
export interface Normalisation {
  order: "rgb" | "bgr";
  mean: readonly [number, number, number];
  deviation: readonly [number, number, number];
}

/** Names for what the usual model families expect (`preprocess_input` of keras.applications, torchvision's transforms). */
const named: Record<string, Normalisation> = {
  none: { order: "rgb", mean: [0, 0, 0], deviation: [1, 1, 1] },
  "0..1": { order: "rgb", mean: [0, 0, 0], deviation: [255, 255, 255] },
  "-1..1": { order: "rgb", mean: [127.5, 127.5, 127.5], deviation: [127.5, 127.5, 127.5] },
  imagenet: { order: "rgb", mean: [123.675, 116.28, 103.53], deviation: [58.395, 57.12, 57.375] },
  "imagenet-caffe": { order: "bgr", mean: [103.939, 116.779, 123.68], deviation: [1, 1, 1] },
};

export const normalisationHelp = `${Object.keys(named).join(", ")}, or MEANS/DEVIATIONS as in 123.7,116.3,103.5/58.4,57.1,57.4`;

/**
 * What is asked for, or, for a model that takes bytes as they are, nothing.
 * @throws ConversionError where it must be asked: a wrong guess gives wrong scores, and no error
 */
export function normalisationFor(dtype: string, asked: string | undefined): Normalisation {
  const normalisation = asked === undefined ? undefined : parseNormalisation(asked);
  if (dtype === "uint8") {
    if (!normalisation || asked === "none") return parseNormalisation("none");
    throw new ConversionError(
      `the model takes uint8 pictures and normalises them itself: leave --normalise ${asked} out`,
    );
  }
  if (normalisation) return normalisation;
  throw new ConversionError(
    `the model takes ${dtype} pictures: say what it was trained on with --normalise ${normalisationHelp} (none: it takes 0..255)`,
  );
}

/**
 * @param text a name, or six numbers: three means and three deviations, of values 0..255, in the order RGB
 * @throws ConversionError
 */
function parseNormalisation(text: string): Normalisation {
  const known = named[text];
  if (known) return known;
  const [means, deviations, ...more] = text.split("/").map(numbersOf);
  if (!means || !deviations || more.length > 0 || deviations.some((value) => value <= 0))
    throw new ConversionError(`--normalise ${text} is not known: it must be one of ${normalisationHelp}`);
  return { order: "rgb", mean: means, deviation: deviations };
}

function numbersOf(text: string): [number, number, number] | undefined {
  const [a = Number.NaN, b = Number.NaN, c = Number.NaN, ...more] = text.split(",").map((part) => Number(part || "-"));
  return more.length === 0 && [a, b, c].every(Number.isFinite) ? [a, b, c] : undefined;
}
