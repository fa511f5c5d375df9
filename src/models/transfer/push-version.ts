import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { Manifest } from "../repository/manifest.ts";
import { manifestAt } from "./fetch-version.ts";
import { folderPlace } from "./folder-place.ts";
import type { ModelPlace } from "./model-place.ts";
import { TransferError } from "./transfer-error.ts";

/**
 * Puts the newest version of a model to a place of its own, its configuration beside its files and its manifest last: who
 * looks meanwhile finds no version rather than half of one.
 * @param model its folder in a repository
 * @returns false where a version is there already
 */
export async function pushVersion(model: string, place: ModelPlace): Promise<boolean> {
  if (await manifestAt(place)) return false;
  const names = await readdir(model).catch((error: Error) => {
    throw new TransferError(`${model} cannot be read: ${error.message}`, { cause: error });
  });
  const newest = Math.max(0, ...names.filter((name) => /^[1-9]\d*$/.test(name)).map(Number));
  const folder = join(model, String(newest));
  const text = newest > 0 ? await folderPlace(folder).read("manifest.json") : undefined;
  if (text === undefined)
    throw new TransferError(`${model} has no version with a manifest.json: nothing was converted`);
  for (const name of Object.keys(Manifest.parse(JSON.parse(text)).files)) await place.upload(join(folder, name), name);
  await place.upload(join(model, "config.pbtxt"), "config.pbtxt");
  await place.upload(join(folder, "manifest.json"), "manifest.json");
  return true;
}
