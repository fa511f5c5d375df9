import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { ModelConfig } from "../inference/protocol.ts";
import { ModelConfigError, readModelConfig } from "./model-config.ts";

/** The model repository cannot be read. */
export class RepositoryError extends Error {
  readonly code = "repository";
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "RepositoryError";
  }
}

/**
 * A Triton model repository:
 *
 *     <repository>/<model>/config.pbtxt
 *     <repository>/<model>/<version>/model.onnx
 */
export interface Repository {
  /** Names of all models, sorted. @throws RepositoryError */
  models(): Promise<string[]>;
  /** A model's configuration and the versions that its policy serves, newest last. @throws ModelConfigError */
  read(name: string): Promise<{ config: ModelConfig; versions: { version: string; path: string }[] }>;
}

export function openRepository(folder: string): Repository {
  return {
    models: async () => {
      const names = await foldersIn(folder).catch((error: unknown) => {
        throw new RepositoryError(`The model repository ${folder} cannot be read; it must be a folder of models`, {
          cause: error,
        });
      });
      // A volume may hold other folders, such as lost+found.
      const isModel = await Promise.all(names.map((name) => exists(join(folder, name, "config.pbtxt"))));
      return names.filter((_, index) => isModel[index]).sort();
    },
    read: async (name) => {
      const config = await readModelConfig(join(folder, name, "config.pbtxt"), name);
      const versions = [];
      for (const version of servedVersions(await versionsIn(join(folder, name)), config)) {
        const path = join(folder, name, String(version), config.default_model_filename);
        if (!(await exists(path)))
          throw new ModelConfigError(`${path}: version ${version} of model ${name} has no such file`);
        versions.push({ version: String(version), path });
      }
      if (versions.length === 0)
        throw new ModelConfigError(`${join(folder, name)}: no version is served; it needs a folder such as 1/`);
      return { config, versions };
    },
  };
}

async function versionsIn(folder: string): Promise<number[]> {
  const names = await foldersIn(folder);
  return names
    .filter((name) => /^[1-9]\d*$/.test(name))
    .map(Number)
    .sort((a, b) => a - b);
}

/** Names of the folders in a folder, links to folders included, as mounted volumes have them. */
async function foldersIn(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => !name.startsWith("."));
  const isFolder = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).isDirectory()));
  return names.filter((_, index) => isFolder[index]);
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}

function servedVersions(versions: readonly number[], { version_policy: policy }: ModelConfig): readonly number[] {
  if (policy?.all) return versions;
  const specific = policy?.specific?.versions;
  if (specific) return versions.filter((version) => specific.includes(version));
  return versions.slice(-(policy?.latest?.num_versions ?? 1));
}
