import { type SceneName, samplePicture } from "../local/sample-streams/pictures.ts";
import { CompareError } from "../models/compare/compare-error.ts";
import { picturesBelow } from "../models/compare/picture-folder.ts";
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
 * The pictures of a folder and of those below it; one that cannot be read is named on standard error and passed over.
 * @throws CommandError when the folder cannot be read or has none
 */
export async function picturesIn(folder: string): Promise<PictureSource> {
  const pictures = await picturesBelow(folder).catch((error: unknown) => {
    throw error instanceof CompareError ? new CommandError(error.message, exitCodes.usage) : error;
  });
  return {
    description: pictures.description,
    async *read() {
      for await (const { name, ...rest } of pictures.read()) {
        if ("bytes" in rest) yield { name, bytes: rest.bytes };
        else console.error(`${name}: ${rest.problem}`);
      }
    },
  };
}
