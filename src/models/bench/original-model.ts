/** The SavedModel that a model was converted from, served by TensorFlow on the same Triton. */
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { chooseSignature } from "../convert/choose-signature.ts";
import { readSavedModel } from "../convert/read-saved-model.ts";
import { activations } from "../convert/run-converter.ts";
import { folderHash } from "../repository/folder-hash.ts";
import { Manifest } from "../repository/manifest.ts";
import { servedInterface } from "../repository/served-interface.ts";
import { BenchError } from "./bench-error.ts";

export interface RepositoryWithOriginal {
  repository: string;
  /** Under which the SavedModel is served. */
  name: string;
  [Symbol.asyncDispose](): Promise<void>;
}

const threeNumbers = z.tuple([z.number(), z.number(), z.number()]);
/** What of a manifest says how pictures became the SavedModel's input. */
const Converted = Manifest.pick({ source: true }).extend({
  normalisation: z.object({ order: z.enum(["rgb", "bgr"]), mean: threeNumbers, deviation: threeNumbers }),
  activation: z.enum(activations),
});

const modelFile = fileURLToPath(new URL("../triton/saved-model/model.py", import.meta.url));
const scoringFile = fileURLToPath(new URL("../convert/scoring_function.py", import.meta.url));

/**
 * A repository of the models that are there and, beside them, the SavedModel that the first of them was converted from:
 * with its input, its batching and its queue, so that only the backend differs.
 * @throws BenchError when the first model was not converted from it; ConversionError for a folder that is no SavedModel
 */
export async function withOriginal(
  savedModel: string,
  { repository, models }: { repository: string; models: readonly string[] },
): Promise<RepositoryWithOriginal> {
  const [converted = ""] = models;
  const source = join(resolve(repository), converted);
  const config = await readFile(join(source, "config.pbtxt"), "utf8").catch(() => {
    throw new BenchError(`${resolve(repository)} has no model "${converted}"`);
  });
  const name = `${basename(resolve(savedModel)).replaceAll(/[^\w.-]/g, "-")}-tensorflow`;
  if (models.includes(name))
    throw new BenchError(`the SavedModel would be served as "${name}", and a model is called so`);
  const plan = await planOf(savedModel, source, servedInterface(config, join(source, "config.pbtxt")).input ?? "");
  const folder = await mkdtemp(join(tmpdir(), "briareus-bench-models-"));
  const version = join(folder, name, "1");
  await mkdir(version, { recursive: true });
  await writeFile(join(folder, name, "config.pbtxt"), configOf(name, config));
  await writeFile(join(version, "plan.json"), JSON.stringify(plan));
  await copyFile(modelFile, join(version, "model.py"));
  await copyFile(scoringFile, join(version, "scoring_function.py"));
  for (const model of models) await symlink(join(resolve(repository), model), join(folder, model));
  return { repository: folder, name, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

async function planOf(savedModel: string, converted: string, servedInput: string) {
  const { source, normalisation, activation } = await manifestIn(converted);
  const model = await readSavedModel(savedModel);
  if (source.sha256 !== (await folderHash(savedModel)))
    throw new BenchError(`${basename(converted)} was converted from another SavedModel than ${savedModel}`);
  const [, height, width] = /\[(\d+), (\d+), 3\]/.exec(servedInput) ?? [];
  const size = height && width ? { height: Number(height), width: Number(width) } : undefined;
  const signature = chooseSignature(model, { signature: source.signature, size });
  return { savedModel: resolve(savedModel), signature, normalisation, activation };
}

async function manifestIn(folder: string): Promise<z.infer<typeof Converted>> {
  const versions = (await readdir(folder)).filter((name) => /^[1-9]\d*$/.test(name)).map(Number);
  const path = join(folder, String(Math.max(...versions)), "manifest.json");
  const text = await readFile(path, "utf8").catch(() => "null");
  const { success, data } = Converted.safeParse(parsedOrNull(text));
  if (success) return data;
  throw new BenchError(`${path} does not say how the model was converted: convert it with \`briareus model convert\``);
}

function parsedOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The converted model's, for another backend. */
function configOf(name: string, config: string): string {
  return `name: "${name}"\nbackend: "python"\n${config.replaceAll(/^(name|backend|platform)\s*:.*\n/gm, "")}`;
}
