import { samplePicture } from "../src/local/sample-streams/pictures.ts";

/** The pictures that every benchmark works on: 1280 x 720 JPEGs of 150 to 250 KB, clean and flagged ones. */
export function benchPictures(): Promise<Uint8Array[]> {
  const seeds = [1, 2, 3, 4];
  return Promise.all([
    ...seeds.flatMap((seed) => [samplePicture("room", seed), samplePicture("gradient", seed)]),
    ...seeds.map((seed) => samplePicture("skin", seed)),
    ...seeds.map((seed) => samplePicture("drawing", seed)),
  ]);
}
