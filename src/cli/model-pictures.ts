import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { imageFormatOf } from "../capture/image-format.ts";
import { type SceneName, samplePicture } from "../local/sample-streams/pictures.ts";
import type { PictureSource } from "../models/convert/picture-tensor.ts";
import { CommandError, exitCodes } from "./exit.ts";

const scenes: readonly SceneName[] = ["room", "skin", "drawing", "gradient"];

const drawnAtOnce = 4;

/**
 * Harmless generated pictures of every kind there is.
 * @param firstSeed decides what is seen; pictures of other seeds are others
 */
export function generatedPictures(count: number, firstSeed = 1): PictureSource {
  return {
    description: `${count} generated pictures`,
    async *read() {
      for (let from = 0; from < count; from += drawnAtOnce) {
        const seeds = Array.from(
          { length: Math.min(drawnAtOnce, count - from) },
          (_, index) => firstSeed + from + index,
        );
        yield* await Promise.all(seeds.map(generated));
      }
    },
  };
}

async function generated(seed: number): Promise<{ name: string; bytes: Uint8Array }> {
  const scene = scenes[seed % scenes.length] ?? "room";
  return { name: `${scene} ${seed}`, bytes: await samplePicture(scene, seed) };
}

/**
 * Every picture in a folder and those below it, in the order of their names; what is no picture is passed over.
 * @throws CommandError when it cannot be read or has none
 */
export async function picturesIn(folder: string): Promise<PictureSource> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: Error) => {
    throw new CommandError(`the pictures in ${folder} cannot be read: ${error.message}`, exitCodes.usage);
  });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return {
    description: `the pictures in ${folder}`,
    async *read() {
      for (const path of paths.toSorted()) {
        const bytes = await readFile(path);
        if (imageFormatOf(bytes)) yield { name: relative(folder, path), bytes };
      }
    },
  };
}
