import { basename, join } from "node:path";
import { dataFolder } from "../local/data-folder.ts";
import { ModelConfigError } from "../model-server/model-config.ts";
import { openRepository } from "../model-server/repository.ts";
import { buildVersion } from "../models/repository/build-version.ts";
import type { ModelBackend } from "../models/repository/config-text.ts";
import { CommandError, exitCodes } from "./exit.ts";
import { asCommandError, notPromotedFolder, readLabels, stepPrinter, tellPromotion } from "./promotion-words.ts";
import { parseModelName, type ServingOptions, servingOf } from "./serving-options.ts";

export interface BuildOptions extends ServingOptions {
  backend: ModelBackend;
  into?: string;
  from: string;
  name?: string;
  labels?: string;
}

/** @returns the exit code. @throws CommandError */
export async function runBuild(model: string, options: BuildOptions): Promise<number> {
  const { backend, trtexec, into = join(dataFolder(), `models-${backend}`) } = options;
  const { onnx, labels } = await sourceOf(model, options);
  const name = options.name ?? parseModelName(basename(model, ".onnx"));
  const promotion = await buildVersion(
    {
      ...{ onnx, name, backend, trtexec, labels, repository: into },
      rejectedFolder: notPromotedFolder(name),
      serving: servingOf(options),
    },
    { onStep: stepPrinter, nowMs: Date.now },
  ).catch((error: unknown) => {
    throw asCommandError(error);
  });
  tellPromotion(promotion);
  return promotion.promoted ? exitCodes.ok : exitCodes.failed;
}

/** A file, with the labels that are given, or a model of a repository, with its own. */
async function sourceOf(model: string, { from, labels }: BuildOptions): Promise<{ onnx: string; labels: string[] }> {
  if (model.endsWith(".onnx")) {
    if (labels !== undefined) return { onnx: model, labels: await readLabels(labels) };
    throw new CommandError(`name the classes of ${model} with --labels`, exitCodes.usage);
  }
  const { config, versions } = await openRepository(from)
    .read(model)
    .catch((error: unknown) => {
      throw error instanceof ModelConfigError ? new CommandError(error.message) : error;
    });
  const onnx = versions.at(-1)?.path;
  if (onnx === undefined) throw new CommandError(`${from} has no version of ${model}`);
  return { onnx, labels: await readLabels(labels ?? config.parameters.labels?.string_value ?? "") };
}
