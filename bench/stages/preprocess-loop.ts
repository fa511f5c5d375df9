/**
 * Preprocess of a checkout (first argument) without its queue, two batches at a time, as its worker runs it. Prints CPU in
 * ms per capture: fewer things move than with a whole worker, so that smaller differences are seen.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Fetched } from "../../src/capture/item.ts";
import type { TensorSpec } from "../../src/inference/tensor-spec.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { benchPictures } from "../picture-host.ts";

const sources = pathToFileURL(join(resolve(process.argv[2] ?? "."), "src/")).href;
const { createPreprocessStage }: typeof import("../../src/workers/preprocess/preprocess-stage.ts") = await import(
  `${sources}workers/preprocess/preprocess-stage.ts`
);
const { openBlobStore }: typeof import("../../src/blobs/open-blob-store.ts") = await import(
  `${sources}blobs/open-blob-store.ts`
);

const warmUpRounds = 4;
const rounds = 12;
const spec: TensorSpec = {
  key: "uint8-nhwc-224x224x3",
  height: 224,
  width: 224,
  channels: 3,
  layout: "nhwc",
  datatype: "UINT8",
};
const folder = mkdtempSync(join(tmpdir(), "briareus-bench-"));
const blobs = openBlobStore(pathToFileURL(folder).href);
const stage = createPreprocessStage({ blobs, specs: async () => [spec], thumbnails: { ttlMs: 180_000 } });
const context = {
  signal: new AbortController().signal,
  log: createLogger({ level: "error", role: "bench" }),
  now: Date.now,
};
const items = await Promise.all(
  (await benchPictures()).map(
    async (picture, index): Promise<Fetched> => ({
      capture: {
        schemaVersion: 1,
        captureId: `capture-${index}`,
        streamId: "stream",
        capturedAt: new Date().toISOString(),
        imageUri: "http://127.0.0.1/picture.jpg",
        attributes: {},
      },
      ingressId: "bench",
      deadlineAtMs: Date.now() + 3_600_000,
      attempt: 0,
      times: { receivedAtMs: Date.now() },
      image: { blob: await blobs.put(picture, { ttlMs: 600_000 }), bytes: picture.length, type: "image/jpeg" },
    }),
  ),
);

await batches(warmUpRounds);
const before = process.cpuUsage();
await batches(rounds);
const { user, system } = process.cpuUsage(before);
console.log(((user + system) / 1000 / (rounds * 2 * items.length)).toFixed(2));
rmSync(folder, { recursive: true });

async function batches(count: number): Promise<void> {
  for (let round = 0; round < count; round++) await Promise.all([batch(), batch()]);
}

/** One batch, and away with what it made. */
async function batch(): Promise<void> {
  const outcomes = await Promise.all(stage.run(items, context));
  const refs = outcomes.flatMap((outcome) => {
    if (outcome.kind !== "done") throw new Error(`a capture was not done: ${JSON.stringify(outcome)}`);
    const { tensors, thumbnail } = outcome.value;
    return [...tensors.map(({ blob }) => blob), ...(thumbnail ? [thumbnail.blob] : [])];
  });
  await blobs.delete([...new Set(refs)]);
}
