/**
 * A SavedModel on its way into a model repository: read ► pictures ► ONNX and scores (Python) ► accuracy gate ►
 * TensorRT plan, where asked for ► repository. What fails on the way leaves the repository as it was.
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import type { ModelSettings } from "../repository/config-text.ts";
import { folderHash } from "../repository/folder-hash.ts";
import type { AccuracyReport, Manifest } from "../repository/manifest.ts";
import { type Promotion, promote } from "../repository/promote.ts";
import { stageVersion } from "../repository/stage-version.ts";
import { scoreDifferences } from "./accuracy.ts";
import { checkLabels, checkPolicy } from "./check-labels.ts";
import { chooseSignature, type PictureSignature } from "./choose-signature.ts";
import type { ConversionProgress, ConversionWishes } from "./conversion.ts";
import { ConversionError } from "./conversion-error.ts";
import { type Normalisation, normalisationFor } from "./normalisation.ts";
import { type PictureSource, writePictureTensor } from "./picture-tensor.ts";
import { readSavedModel, type SavedModel } from "./read-saved-model.ts";
import { type Converted, runConverter } from "./run-converter.ts";

/**
 * Converts, compares with the original on the same pictures, and promotes what passes.
 * @returns also for a version that is not promoted, with the reason
 * @throws ConversionError for what cannot be converted as wished; InstallError; ModelToolError; PolicyError
 */
export async function convertModel(wishes: ConversionWishes, progress: ConversionProgress): Promise<Promotion> {
  const model = await readSavedModel(wishes.savedModel);
  const signature = chooseSignature(model, wishes);
  const normalisation = normalisationFor(signature.input.dtype, wishes.normalise);
  if (signature.output.classes !== undefined) checkLabels(wishes.labels, signature.output.classes, wishes.savedModel);
  checkPolicy(wishes.policy, wishes.name, wishes.labels);

  await using staged = await stageVersion(wishes.repository, wishes.name);
  const scratch = await mkdtemp(join(tmpdir(), "briareus-convert-"));
  try {
    const target = join(staged.folder, "model.onnx");
    const scored = await convertAndScore({ signature, normalisation, target, scratch }, wishes, progress);
    const manifest = await manifestOf({ model, signature, normalisation, ...scored }, wishes, progress);
    const { repository, rejectedFolder, trtexec } = wishes;
    const settings = settingsOf(wishes, signature.input);
    return await promote({ staged, manifest, settings, repository, rejectedFolder, trtexec }, progress);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

interface Parts {
  signature: PictureSignature;
  normalisation: Normalisation;
}

async function convertAndScore(
  { signature, normalisation, target, scratch }: Parts & { target: string; scratch: string },
  wishes: ConversionWishes,
  progress: ConversionProgress,
): Promise<{ converted: Converted; accuracy: AccuracyReport }> {
  const { savedModel, name, labels, policy, precision, backend, opset, activation, maxChangedShare } = wishes;
  const at = (file: string) => join(scratch, file);
  const [pictures, calibration] = [at("pictures"), at("calibration")];
  const write = async (source: PictureSource, path: string, what: string) => {
    const sinceMs = progress.nowMs();
    const names = await writePictureTensor(source, signature.input, path, progress.signal);
    progress.onStep(`${what}: ${source.description}`, (progress.nowMs() - sinceMs) / 1000);
    return names;
  };
  const names = await write(wishes.pictures, pictures, "pictures to compare on");
  if (precision === "int8") await write(wishes.calibration, calibration, "pictures to calibrate with");
  const [referenceScores, convertedScores] = [at("reference"), at("converted")];
  const files = { savedModel: resolve(savedModel), pictures, calibration, target, referenceScores, convertedScores };
  const reference = wishes.reference === undefined ? null : resolve(wishes.reference);
  const plan = { ...files, reference, signature, normalisation, activation, opset, precision, backend };
  const converted = await runConverter(plan, scratch, progress);
  checkLabels(labels, converted.classes, savedModel);
  const [original, own] = [await floatsIn(referenceScores), await floatsIn(convertedScores)];
  if (original.length !== own.length || own.length !== names.length * labels.length)
    throw new ConversionError(
      `${savedModel}: ${original.length} scores became ${own.length}, of ${names.length} pictures`,
    );
  const differences = scoreDifferences({
    model: name,
    labels,
    pictures: names,
    policy,
    reference: original,
    converted: own,
  });
  const about = {
    reference: wishes.reference ?? "the SavedModel",
    pictures: wishes.pictures.description,
    maxChangedShare,
  };
  return { converted, accuracy: { ...about, ...differences } };
}

async function manifestOf(
  parts: Parts & { model: SavedModel; converted: Converted; accuracy: AccuracyReport },
  wishes: ConversionWishes,
  { nowMs }: ConversionProgress,
): Promise<Manifest> {
  const { model, signature, normalisation, converted, accuracy } = parts;
  const { name, backend, precision, opset, labels, activation, savedModel } = wishes;
  return {
    model: name,
    version: null,
    createdAt: new Date(nowMs()).toISOString(),
    backend,
    precision,
    source: {
      name: basename(resolve(savedModel)),
      sha256: await folderHash(savedModel),
      signature: signature.name,
      tensorflow: model.tensorflowVersion,
    },
    opset,
    normalisation,
    activation,
    labels: [...labels],
    tools: converted.tools,
    files: {},
    accuracy,
  };
}

function settingsOf(
  { name, backend, labels, serving }: ConversionWishes,
  { height, width }: PictureSignature["input"],
): ModelSettings {
  return {
    name,
    backend,
    labels,
    input: { name: "images", datatype: "UINT8", dims: [height, width, 3] },
    output: { name: "scores", datatype: "FP32", dims: [labels.length] },
    ...serving,
  };
}

async function floatsIn(path: string): Promise<Float32Array> {
  return new Float32Array(new Uint8Array(await readFile(path)).buffer);
}
