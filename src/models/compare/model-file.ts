import { stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { ModelConfig } from "../../inference/protocol.ts";
import { ModelConfigError, readModelConfig } from "../../model-server/model-config.ts";
import { openRepository } from "../../model-server/repository.ts";
import { CompareError } from "./compare-error.ts";

export interface ModelFile {
  /** Of the .onnx file. */
  path: string;
  name?: string;
  version?: string;
  labels?: readonly string[];
}

/**
 * The file of a model that a path names: itself, or in a model repository, where the newest version is taken unless one
 * is named. Of a repository, name and labels are known.
 * @throws CompareError `wrong-input`
 */
export async function findModelFile(reference: string): Promise<ModelFile> {
  const refuse = (what: string, cause?: unknown) => new CompareError("wrong-input", `${reference} ${what}`, { cause });
  const path = resolve(reference);
  const found = await stat(path).catch(() => undefined);
  if (!found) throw refuse("is not there; it must be an .onnx file, a model's folder, or HOST:PORT/MODEL");
  if (!found.isDirectory()) return { path };
  const [folder, version] = await modelFolder(path);
  if (folder === undefined)
    throw refuse("has no config.pbtxt; it must be an .onnx file, a model's folder in a repository, or HOST:PORT/MODEL");
  try {
    return await fileIn(folder, version);
  } catch (error) {
    if (!(error instanceof ModelConfigError)) throw error;
    const advice = /backend|platform/.test(error.message) ? "; serve it, and name it as HOST:PORT/MODEL" : "";
    throw refuse(`cannot be run here: ${error.message}${advice}`, error);
  }
}

/** A folder with a config.pbtxt, or one for a version inside such a one. */
async function modelFolder(path: string): Promise<[folder: string | undefined, version?: string]> {
  const isModel = async (folder: string) => Boolean(await stat(join(folder, "config.pbtxt")).catch(() => undefined));
  if (await isModel(path)) return [path];
  if (/^[1-9]\d*$/.test(basename(path)) && (await isModel(dirname(path)))) return [dirname(path), basename(path)];
  return [undefined];
}

/** A version that is named need not be one that the configuration serves. */
async function fileIn(folder: string, version: string | undefined): Promise<ModelFile> {
  const name = basename(folder);
  if (version !== undefined) {
    const config = await readModelConfig(join(folder, "config.pbtxt"), name);
    return { path: join(folder, version, config.default_model_filename), name, version, labels: labelsOf(config) };
  }
  const { config, versions } = await openRepository(dirname(folder)).read(name);
  const newest = versions.at(-1);
  if (!newest) throw new ModelConfigError(`${folder}: no version is served`);
  return { ...newest, name, labels: labelsOf(config) };
}

function labelsOf(config: ModelConfig): string[] | undefined {
  const text = config.parameters.labels?.string_value ?? "";
  const labels = text.split(",").map((label) => label.trim());
  return labels.some((label) => label !== "") ? labels.filter((label) => label !== "") : undefined;
}
