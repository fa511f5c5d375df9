/**
 * A new version on its way into a model repository:
 *
 *     staged (in a hidden folder beside the models) ──install──► REPOSITORY/MODEL/VERSION
 *                 ├──keep──► a folder of its own, for people to look at
 *                 └──dispose, or the process dies──► gone, or removed by a later one
 *
 * It gets there by one rename, so that nobody ever sees half of it.
 */
import { randomBytes } from "node:crypto";
import { cp, mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { InstallError } from "./install-error.ts";
import { servedInterface } from "./served-interface.ts";

export interface StagedVersion {
  /** Put the version's files here. */
  folder: string;
  /**
   * Puts it into the repository as the newest version of its model, with this config.pbtxt where the model has none.
   * @param finish called with the version's number before it is seen, to write what names it
   * @returns the version, and whether the model had a config.pbtxt, which is then left as it was
   * @throws InstallError where the versions there take or give something else
   */
  install(
    config: string,
    finish: (version: number) => Promise<void>,
  ): Promise<{ version: number; configKept: boolean }>;
  /** Puts it elsewhere, into a folder that must not exist. */
  keep(target: string): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const stagingPrefix = ".briareus-staging-";
const staleAfterMs = 24 * 3_600_000;

/** @throws InstallError where the repository cannot be written to */
export async function stageVersion(repository: string, model: string): Promise<StagedVersion> {
  const root = resolve(repository);
  const staging = await makeStaging(root).catch((error: Error) => {
    throw new InstallError(`the model repository ${root} cannot be written to: ${error.message}`, { cause: error });
  });
  const folder = join(staging, "version");
  await mkdir(folder);
  const target = join(root, model);

  /** A model that is there gets one version more. */
  const addTo = async (config: string, finish: (version: number) => Promise<void>) => {
    const path = join(target, "config.pbtxt");
    const present = await readFile(path, "utf8").catch(() => undefined);
    if (present !== undefined) refuseOther(model, servedInterface(present, path), servedInterface(config, path));
    for (;;) {
      const version = Math.max(0, ...(await versionsIn(target))) + 1;
      await finish(version);
      await flush(folder);
      if (!(await renamed(folder, join(target, String(version))))) continue;
      if (present === undefined) {
        await writeFile(join(staging, "config.pbtxt"), config);
        await rename(join(staging, "config.pbtxt"), path);
      }
      return { version, configKept: present !== undefined };
    }
  };

  return {
    folder,
    install: async (config, finish) => {
      if (await exists(target)) return await addTo(config, finish);
      await finish(1);
      const whole = join(staging, "model");
      await mkdir(whole);
      await writeFile(join(whole, "config.pbtxt"), config);
      await flush(whole);
      await flush(folder);
      await rename(folder, join(whole, "1"));
      if (await renamed(whole, target)) return { version: 1, configKept: false };
      // Somebody else made the model meanwhile.
      await rename(join(whole, "1"), folder);
      return await addTo(config, finish);
    },
    keep: async (place) => {
      await mkdir(dirname(place), { recursive: true });
      // Another file system, perhaps.
      await cp(folder, place, { recursive: true, errorOnExist: true, force: false });
    },
    [Symbol.asyncDispose]: () => rm(staging, { recursive: true, force: true }),
  };
}

/** Beside the repository, where a server that loads every folder does not look; inside if that is not possible. */
async function makeStaging(root: string): Promise<string> {
  await mkdir(root, { recursive: true });
  const parent = dirname(root);
  const sameDevice = (await stat(parent)).dev === (await stat(root)).dev;
  for (const place of sameDevice ? [parent, root] : [root]) {
    const staging = join(place, `${stagingPrefix}${process.pid}-${randomBytes(4).toString("hex")}`);
    try {
      await mkdir(staging);
    } catch (error) {
      if (place === root) throw error;
      continue;
    }
    await removeStale(place);
    return staging;
  }
  throw new Error("there is no place for a new version");
}

async function removeStale(place: string): Promise<void> {
  for (const name of (await readdir(place)).filter((each) => each.startsWith(stagingPrefix))) {
    const found = await stat(join(place, name)).catch(() => undefined);
    if (found && Date.now() - found.mtimeMs > staleAfterMs)
      await rm(join(place, name), { recursive: true, force: true });
  }
}

function refuseOther(model: string, present: Record<string, string>, fresh: Record<string, string>): void {
  const different = Object.keys(present).filter((key) => present[key] !== fresh[key]);
  if (different.length === 0) return;
  const words = different.map((key) => `${key} ${present[key] || "(none)"}, the new version ${fresh[key] || "(none)"}`);
  throw new InstallError(
    `versions of one model must be alike, and ${model} has ${words.join("; has ")}: take another --name, or remove the model`,
  );
}

async function versionsIn(folder: string): Promise<number[]> {
  return (await readdir(folder)).filter((name) => /^[1-9]\d*$/.test(name)).map(Number);
}

/** @returns whether it could be: a folder with content is never replaced */
async function renamed(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOTEMPTY" || code === "EEXIST") return false;
    throw error;
  }
}

/** Onto the disk before the rename: after a power cut there is all of it or nothing. */
async function flush(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = await open(join(entry.parentPath, entry.name), "r+");
    try {
      await file.sync();
    } finally {
      await file.close();
    }
  }
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}
