import { status } from "@grpc/grpc-js";
import pLimit from "p-limit";
import type { ModelConfig, ModelIndex } from "../inference/protocol.ts";
import type { Logger } from "../telemetry/logger.ts";
import { type DatatypeName, datatypes } from "./datatypes.ts";
import { ModelConfigError } from "./model-config.ts";
import { createModelVersion, type ModelVersion } from "./model-version.ts";
import type { Repository } from "./repository.ts";
import { invalid, ServingError, unknownModel, versionNotReady } from "./serving-error.ts";
import type { SessionTensor } from "./session-thread.ts";
import type { SessionThreads } from "./session-threads.ts";

/** The models that are loaded, and the loading of further ones. */
export interface ModelRegistry {
  /** Loads a model, or its repository's present state in place of what is loaded. @throws ServingError */
  load(name: string): Promise<void>;
  /** Lets a model finish what it has begun and forgets it. @throws ServingError when there is none of the name */
  unload(name: string): Promise<void>;
  /** The version asked for, or the newest. @throws ServingError */
  find(name: string, version?: string): ModelVersion;
  /** Every loaded version of one model, or of all. @throws ServingError */
  list(name?: string, version?: string): ModelVersion[];
  /** Every version that may have requests, replaced and unloaded ones included until they are finished. */
  working(): readonly ModelVersion[];
  /** All models of the repository and their states. */
  index(): Promise<ModelIndex[]>;
  drained(): Promise<void>;
}

interface Entry {
  state: "READY" | "LOADING" | "UNAVAILABLE";
  reason: string;
  /** Newest last. */
  versions: ModelVersion[];
}

export function createModelRegistry(options: {
  repository: Repository;
  threads: SessionThreads;
  onWork: () => void;
  log?: Logger;
}): ModelRegistry {
  const { repository, threads, onWork, log } = options;
  const entries = new Map<string, Entry>();
  /** Loads and unloads happen one after the other, so that none sees another's half-done work. */
  const oneAtATime = pLimit(1);
  let working: readonly ModelVersion[] = [];
  let loads = 0;

  const load = async (name: string) => {
    const entry = entries.get(name) ?? { state: "LOADING", reason: "", versions: [] };
    entries.set(name, entry);
    try {
      const { config, versions } = await repository.read(name);
      const fresh: ModelVersion[] = [];
      for (const { version, path } of versions) fresh.push(await loadVersion(config, version, path));
      const old = entry.versions;
      Object.assign(entry, { state: "READY", reason: "", versions: fresh } satisfies Entry);
      log?.info({ model: name, versions: versions.map(({ version }) => version) }, "model loaded");
      await Promise.all(old.map(retire));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      // A reload that fails leaves what was loaded in service.
      if (entry.versions.length === 0) Object.assign(entry, { state: "UNAVAILABLE", reason });
      throw error;
    }
  };

  const loadVersion = async (config: ModelConfig, version: string, path: string): Promise<ModelVersion> => {
    const session = `${config.name}/${version}#${++loads}`;
    const loaded = await threads.load(session, path).catch((error: unknown) => {
      throw new ModelConfigError(`${path}: ${error instanceof Error ? error.message : error}`, { cause: error });
    });
    const mismatch = mismatchOf(config, loaded);
    if (mismatch) {
      await threads.unload(session);
      throw new ModelConfigError(`${path}: ${mismatch}`);
    }
    const made = createModelVersion({ config, version, session, threads, onWork });
    working = [...working, made];
    return made;
  };

  const retire = async (version: ModelVersion) => {
    await version.drained();
    working = working.filter((each) => each !== version);
    await threads.unload(version.session);
  };

  const versionsOf = (name: string): ModelVersion[] => {
    const entry = entries.get(name);
    if (!entry) throw unknownModel(name);
    if (entry.versions.length === 0)
      throw new ServingError(status.NOT_FOUND, `Request for unknown model: '${name}' has no available versions`);
    return entry.versions;
  };

  return {
    load: (name) =>
      oneAtATime(async () => {
        if (!(await repository.models()).includes(name))
          throw invalid(`failed to load '${name}', no such model in the repository`);
        await load(name);
      }),
    unload: (name) =>
      oneAtATime(async () => {
        const entry = entries.get(name);
        if (!entry) throw unknownModel(name);
        const { versions } = entry;
        Object.assign(entry, { state: "UNAVAILABLE", reason: "unloaded", versions: [] } satisfies Entry);
        log?.info({ model: name }, "model unloaded");
        await Promise.all(versions.map(retire));
      }),
    find: (name, version = "") => {
      const versions = versionsOf(name);
      const found = version === "" ? versions.at(-1) : versions.find((each) => each.version === version);
      if (!found) throw versionNotReady(name, version);
      return found;
    },
    list: (name = "", version = "") => {
      const all = name === "" ? [...entries.values()].flatMap((entry) => entry.versions) : versionsOf(name);
      return version === "" ? all : all.filter((each) => each.version === version);
    },
    working: () => working,
    index: async () => {
      const names = new Set([...(await repository.models()), ...entries.keys()]);
      return [...names].flatMap((name): ModelIndex[] => {
        const entry = entries.get(name);
        if (!entry) return [{ name, version: "", state: "", reason: "" }];
        const { state, reason, versions } = entry;
        if (versions.length === 0) return [{ name, version: "", state, reason }];
        return versions.map(({ version }) => ({ name, version, state: "READY", reason: "" }));
      });
    },
    drained: async () => {
      await Promise.all(working.map((version) => version.drained()));
    },
  };
}

/** What the configuration and the .onnx file disagree about, in words. */
function mismatchOf(
  config: ModelConfig,
  session: { inputs: SessionTensor[]; outputs: SessionTensor[] },
): string | undefined {
  const names = (tensors: readonly { name: string }[]) => tensors.map(({ name }) => `"${name}"`).join(", ");
  if (session.inputs.length !== config.input.length)
    return `the file has the inputs ${names(session.inputs)}, config.pbtxt names ${names(config.input)}`;
  for (const [kind, wanted, has] of [
    ["input", config.input, session.inputs],
    ["output", config.output, session.outputs],
  ] as const)
    for (const { name, data_type } of wanted) {
      const found = has.find((tensor) => tensor.name === name);
      if (!found) return `the file has no ${kind} "${name}"; it has ${names(has)}`;
      const { onnx } = datatypes[data_type.replace("TYPE_", "") as DatatypeName];
      if (found.type !== onnx) return `${kind} "${name}" is ${found.type}, config.pbtxt says ${data_type}`;
    }
  return undefined;
}
