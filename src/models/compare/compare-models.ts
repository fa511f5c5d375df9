/**
 * Two models on the same pictures: open both ► fit together? ► decode, score by both, for every picture ► figures. The
 * pictures are decoded and resized as the preprocess stage does it, several at a time, and kept no longer than needed.
 */
import type { TensorSpec } from "../../inference/tensor-spec.ts";
import type { Policy } from "../../policy/policy.ts";
import { batchTensorOf } from "../../workers/preprocess/batch-tensor.ts";
import { decodeImage, ImageError } from "../../workers/preprocess/decode-image.ts";
import { makePreview } from "../../workers/preprocess/thumbnail.ts";
import { commonLabels, rulingOf } from "./common-ground.ts";
import { CompareError } from "./compare-error.ts";
import { changeOf, compareScores, type ScoredPicture } from "./compare-scores.ts";
import type { ChangedPicture, Comparison, ModelOfComparison } from "./comparison.ts";
import { eachOf } from "./each-of.ts";
import type { Ruling } from "./judge.ts";
import { type OpenModel, openModel } from "./open-model.ts";

/** Where pictures come from: encoded ones, and those that could not be read. */
export interface ComparisonPictures {
  /** "64 generated pictures", "the pictures in photos/" */
  description: string;
  read(): AsyncIterable<{ name: string; bytes: Uint8Array } | { name: string; problem: string }>;
}

export interface CompareOptions {
  /** Names of the classes, for .onnx files, which have none. */
  labels?: readonly string[];
  /** The model's name in the policy, where it cannot be told. */
  as?: string;
  signal?: AbortSignal;
  nowMs?: () => number;
  /** Called after each picture. */
  progress?: (done: { compared: number; unreadable: number; changed: number }) => void;
  /** Called for each picture that the models do not agree on; `preview` makes a small JPEG of it. */
  onChanged?: (change: ChangedPicture, preview: () => Promise<Uint8Array>) => Promise<void>;
}

const maxPixels = 50e6;
const picturesAtOnce = 8;

/**
 * Compares B with A on the same pictures.
 *
 * @param a the reference, @param b what may replace it: an .onnx file, a model's folder in a repository (`repo/nsfw`, or
 *   `repo/nsfw/1`), or `HOST:PORT/model[/version]`
 * @param policy whose verdicts are compared; absent: the labels with the highest score
 * @throws CompareError `wrong-input` for models that do not fit together, or the policy, or no pictures; `model-failed`
 *   for one that gives no scores. The signal's reason when it is aborted.
 */
export async function compareModels(
  a: string,
  b: string,
  pictures: ComparisonPictures,
  policy: Policy | undefined,
  options: CompareOptions = {},
): Promise<Comparison> {
  const { signal, nowMs = Date.now } = options;
  const opened: OpenModel[] = [];
  try {
    for (const reference of [a, b]) opened.push(await openModel(reference, signal));
    const [modelA, modelB] = opened;
    if (!modelA || !modelB) throw new Error("a model was opened and is not there");
    const labels = commonLabels(modelA, modelB, options.labels);
    const ruling = policy && rulingOf(policy, { a: modelA, b: modelB, labels, as: options.as });
    const { scored, unreadable } = await scoreAll({ a: modelA, b: modelB, labels, ruling }, pictures, options);
    if (scored.length === 0) throw new CompareError("wrong-input", noPictures(pictures, unreadable));
    return {
      comparedAt: new Date(nowMs()).toISOString(),
      a: describe(modelA),
      b: describe(modelB),
      labels,
      policy: ruling ? { version: ruling.policy.version, model: ruling.model } : null,
      pictures: { description: pictures.description, compared: scored.length, unreadable },
      ...compareScores(scored, labels, ruling),
    };
  } finally {
    await Promise.all(opened.map((model) => model.close()));
  }
}

/**
 * Why B may not take A's place; undefined when it may.
 * @param maxChanged share of the pictures that may be judged otherwise, 0..1
 */
export function gate({ changed, pictures, policy }: Comparison, maxChanged: number): string | undefined {
  if (changed.share <= maxChanged) return undefined;
  const percent = (share: number) => `${Number((share * 100).toPrecision(3))} %`;
  const what = policy ? "are judged otherwise" : "have another top label";
  return `${changed.count} of ${pictures.compared} pictures (${percent(changed.share)}) ${what}, and ${percent(maxChanged)} may`;
}

interface Pair {
  a: OpenModel;
  b: OpenModel;
  labels: readonly string[];
  ruling: Ruling | undefined;
}

async function scoreAll(pair: Pair, pictures: ComparisonPictures, options: CompareOptions) {
  const { signal, progress, onChanged } = options;
  const scored: (ScoredPicture & { at: number })[] = [];
  const unreadable: (Comparison["pictures"]["unreadable"][number] & { at: number })[] = [];
  let changed = 0;
  await eachOf(pictures.read(), { atOnce: picturesAtOnce, signal }, async (picture, at, signal) => {
    const { name } = picture;
    const decoded = "problem" in picture ? picture : await pixelsFor(pair.a.spec, picture.bytes).catch(asProblem);
    if ("problem" in decoded) unreadable.push({ at, name, reason: decoded.problem });
    else {
      const [a, b] = await Promise.all(
        [pair.a, pair.b].map((model) => scoresBy(model, decoded.pixels, pair.labels.length, signal)),
      );
      const row = { at, name, a: a ?? [], b: b ?? [] };
      scored.push(row);
      const change = changeOf(row, pair.labels, pair.ruling);
      if (change) changed++;
      if (change && "bytes" in picture)
        await onChanged?.(change, async () => {
          const { width, height } = pair.a.spec;
          return (await makePreview(picture.bytes, { pixels: decoded.pixels, width, height })).jpeg;
        });
    }
    progress?.({ compared: scored.length, unreadable: unreadable.length, changed });
  });
  return { scored: inOrder(scored), unreadable: inOrder(unreadable) };
}

async function pixelsFor(spec: TensorSpec, bytes: Uint8Array): Promise<{ pixels: Uint8Array }> {
  return { pixels: await decodeImage(bytes, spec, maxPixels) };
}

function asProblem(error: unknown): { problem: string } {
  if (error instanceof ImageError) return { problem: error.message };
  throw error;
}

async function scoresBy(model: OpenModel, pixels: Uint8Array, count: number, signal: AbortSignal): Promise<number[]> {
  const scores = await model.score(batchTensorOf(model.spec, [pixels]), signal);
  if (scores.length === count) return [...scores];
  throw new CompareError(
    "model-failed",
    `${model.reference} gives ${scores.length} scores, and there are ${count} labels`,
  );
}

/** Pictures are done in whatever order; reports have them in the order in which they came. */
function inOrder<Row extends { at: number }>(rows: readonly Row[]): Omit<Row, "at">[] {
  return rows.toSorted((first, second) => first.at - second.at).map(({ at, ...row }) => row);
}

function describe({ reference, version, spec }: OpenModel): ModelOfComparison {
  return { reference, version, input: spec.key };
}

function noPictures({ description }: ComparisonPictures, unreadable: Comparison["pictures"]["unreadable"]): string {
  const [first] = unreadable;
  if (!first) return `there are no pictures in ${description}`;
  return `none of ${description} can be read, such as ${first.name}: ${first.reason}`;
}
