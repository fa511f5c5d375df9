/** JPEGs are decoded at a fraction of their size where that is enough: what this does to the demo model's scores. */
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createInferenceClient } from "../../src/inference/grpc-inference-client.ts";
import type { InferenceClient } from "../../src/inference/inference-client.ts";
import { samplePicture } from "../../src/local/sample-streams/pictures.ts";
import { ensureDemoModel } from "../../src/model-server/demo-model/ensure-demo-model.ts";
import { type ModelServer, startModelServer } from "../../src/model-server/start-model-server.ts";
import { decodeImage } from "../../src/workers/preprocess/decode-image.ts";
import { demoRepository, tensorOf } from "../models.ts";

const size = { width: 224, height: 224 };
/** Of 0 to 1. One step more (1280 x 720 decoded as 320 x 180) would change scores by up to 0.3. */
const largestChange = 0.05;

let server: ModelServer;
let client: InferenceClient;
beforeAll(async () => {
  await ensureDemoModel(demoRepository);
  server = await startModelServer({ repository: demoRepository, threads: 1 });
  client = createInferenceClient({ address: server.grpcAddress });
});
afterAll(async () => {
  client.close();
  await server.stop({ drainMs: 0 });
});

async function scoresOf(pictures: readonly Uint8Array[]): Promise<number[]> {
  const { scores } = await client.infer("nsfw", tensorOf(pictures), { deadlineAtMs: Date.now() + 60_000 });
  return [...scores];
}

/** Every pixel is decoded before any is left out. */
async function decodeWhole(jpeg: Uint8Array): Promise<Buffer> {
  const { data, info } = await sharp(jpeg).raw().toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  return await sharp(data, { raw: { width, height, channels: 3 } })
    .resize(size.width, size.height, { fit: "fill" })
    .raw()
    .toBuffer();
}

const largestDifference = (a: readonly number[], b: readonly number[]) =>
  Math.max(...a.map((value, index) => Math.abs(value - (b[index] ?? Number.NaN))));

test.each([
  { width: 1280, height: 720, seeds: [1, 2, 3, 4] },
  { width: 1920, height: 1080, seeds: [1, 2] },
  { width: 3840, height: 2160, seeds: [3] },
])("scores of $width x $height pictures stay within 0.05 of a whole decode's", async ({ width, height, seeds }) => {
  const kinds = ["room", "gradient", "skin", "drawing"] as const;
  const pictures = await Promise.all(
    kinds.flatMap((kind) =>
      seeds.map(async (seed) =>
        sharp(await samplePicture(kind, seed))
          .resize(width, height)
          .jpeg({ quality: 90 })
          .toBuffer(),
      ),
    ),
  );
  const whole = await scoresOf(await Promise.all(pictures.map(decodeWhole)));
  const shrunk = await scoresOf(await Promise.all(pictures.map((picture) => decodeImage(picture, size, 50e6))));
  expect(largestDifference(whole, shrunk)).toBeLessThanOrEqual(largestChange);
  // Else nothing was shrunk on load, and this shows nothing.
  expect(largestDifference(whole, shrunk)).toBeGreaterThan(0);
});
