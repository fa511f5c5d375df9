import { mkdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { ModelPlace } from "./model-place.ts";
import { TransferError } from "./transfer-error.ts";

/** Copies a SavedModel as it is. @throws TransferError where there is none */
export async function fetchSavedModel(place: ModelPlace, target: string): Promise<void> {
  const root = resolve(target);
  const names = await place.list();
  if (!names.includes("saved_model.pb"))
    throw new TransferError(`${place.uri} holds no saved_model.pb: name the folder of a TensorFlow SavedModel`);
  for (const name of names) {
    const path = join(root, name);
    if (!path.startsWith(`${root}/`)) throw new TransferError(`${place.uri} has a file outside itself: ${name}`);
    await mkdir(dirname(path), { recursive: true });
    await place.download(name, path);
  }
}
