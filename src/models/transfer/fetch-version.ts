import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileHash } from "../repository/folder-hash.ts";
import { Manifest } from "../repository/manifest.ts";
import { adaptConfig, type BatchLimits } from "./adapt-config.ts";
import { type ModelPlace, placeAbove } from "./model-place.ts";
import { TransferError } from "./transfer-error.ts";

export interface FetchWishes {
  /** Of the model in the repository. */
  name: string;
  /** The number that verdicts name it by; the manifest's unless said. */
  version?: number;
  /** The model repository. */
  into: string;
  backend?: string;
  precision?: string;
  limits?: BatchLimits;
}

/** The manifest of the version at a place; undefined where there is none. @throws TransferError where it is damaged */
export async function manifestAt(place: ModelPlace): Promise<Manifest | undefined> {
  const text = await place.read("manifest.json");
  if (text === undefined) return undefined;
  try {
    return Manifest.parse(JSON.parse(text));
  } catch (error) {
    throw new TransferError(`${place.uri}/manifest.json is damaged: convert or build the model again`, {
      cause: error,
    });
  }
}

/**
 * Copies one version of a model into a model repository, whole or not at all, each file checked against the manifest.
 * @returns the version's folder
 * @throws TransferError where it is not there, damaged, or not what was asked for
 */
export async function fetchVersion(place: ModelPlace, wishes: FetchWishes): Promise<string> {
  const manifest = await manifestAt(place);
  if (!manifest)
    throw new TransferError(
      `${place.uri} holds no manifest.json: name the folder of a version that briareus model convert or build made, such as gs://models/faces/3; for a SavedModel set convert`,
    );
  refuseOther(place, manifest, wishes);
  const config = (await place.read("config.pbtxt")) ?? (await placeAbove(place)?.read("config.pbtxt"));
  if (config === undefined)
    throw new TransferError(`${place.uri}: there is no config.pbtxt in it, nor in the folder above`);
  const model = join(wishes.into, wishes.name);
  const folder = join(model, String(wishes.version ?? manifest.version ?? 1));
  const half = `${folder}.part`;
  await rm(half, { recursive: true, force: true });
  for (const [name, hash] of Object.entries(manifest.files)) {
    const path = join(half, name);
    if (!path.startsWith(`${half}/`))
      throw new TransferError(`${place.uri}/manifest.json names a file outside: ${name}`);
    await mkdir(dirname(path), { recursive: true });
    await place.download(name, path);
    if ((await fileHash(path)) !== hash)
      throw new TransferError(
        `${place.uri}/${name} is not the file that manifest.json describes: copy the version anew`,
      );
  }
  await writeFile(join(half, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  await rm(folder, { recursive: true, force: true });
  await rename(half, folder);
  await writeFile(join(model, "config.pbtxt"), adaptConfig(config, wishes.name, wishes.limits ?? {}));
  return folder;
}

function refuseOther({ uri }: ModelPlace, manifest: Manifest, { backend, precision }: FetchWishes): void {
  if (backend !== undefined && manifest.backend !== backend)
    throw new TransferError(
      `${uri} is made for the backend ${manifest.backend}, not ${backend}: set backend: ${manifest.backend}, or build it for ${backend}`,
    );
  const known = ["fp32", "fp16", "int8"].includes(manifest.precision);
  if (precision !== undefined && known && manifest.precision !== precision)
    throw new TransferError(
      `${uri} has the precision ${manifest.precision}, not ${precision}: set precision: ${manifest.precision}, or convert it again`,
    );
}
