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
      const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
        throw new RepositoryError(`The model repository ${folder} cannot be read; it must be a folder of models`, {
          cause: error,
        });
      });
      const names = entries
        .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
        .map(({ name }) => name);
      return names.sort();
    },
    read: async (name) => {
      const config = await readModelConfig(join(folder, name, "config.pbtxt"), name);
      const versions = [];
      for (const version of servedVersions(await versionsIn(join(folder, name)), config)) {
        const path = join(folder, name, String(version), config.default_model_filename);
        await stat(path).catch((error: unknown) => {
          throw new ModelConfigError(`${path}: version ${version} of model ${name} has no such file`, { cause: error });
        });
        versions.push({ version: String(version), path });
      }
      if (versions.length === 0)
        throw new ModelConfigError(`${join(folder, name)}: no version is served; it needs a folder such as 1/`);
      return { config, versions };
    },
  };
}

async function versionsIn(folder: string): Promise<number[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && /^[1-9]\d*$/.test(entry.name))
    .map((entry) => Number(entry.name))
    .sort((a, b) => a - b);
}

function servedVersions(versions: readonly number[], { version_policy: policy }: ModelConfig): readonly number[] {
  if (policy?.all) return versions;
  const specific = policy?.specific?.versions;
  if (specific) return versions.filter((version) => specific.includes(version));
  return versions.slice(-(policy?.latest?.num_versions ?? 1));
}
