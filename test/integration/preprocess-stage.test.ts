import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { BlobStore } from "../../src/blobs/blob-store.ts";
import { openBlobStore } from "../../src/blobs/open-blob-store.ts";
import type { Fetched, Preprocessed } from "../../src/capture/item.ts";
import { InferenceError } from "../../src/inference/inference-client.ts";
import type { TensorSpec } from "../../src/inference/tensor-spec.ts";
import type { Outcome, StageContext } from "../../src/pipeline/stage.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { createPreprocessStage, type PreprocessDependencies } from "../../src/workers/preprocess/preprocess-stage.ts";
import { difference, encodings, quarterColours, quartersOf, quartersStoredAs } from "../pictures.ts";

const log = createLogger({ level: "silent", role: "test" });
const small: TensorSpec = {
  key: "uint8-nhwc-16x24x3",
  height: 16,
  width: 24,
  channels: 3,
  layout: "nhwc",
  datatype: "UINT8",
};
const rowBytes = 16 * 24 * 3;

let folder: string;
let blobs: BlobStore;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "preprocess-"));
  blobs = openBlobStore(pathToFileURL(folder).href, { log });
});
afterAll(async () => {
  await blobs.close();
  await rm(folder, { recursive: true });
});

async function fetched(captureId: string, bytes: Uint8Array): Promise<Fetched> {
  const blob = await blobs.put(bytes, { ttlMs: 60_000 });
  return {
    capture: {
      schemaVersion: 1,
      captureId,
      streamId: "stream",
      capturedAt: "2026-01-01T00:00:00Z",
      imageUri: "https://host/picture.jpg",
      attributes: {},
    },
    ingressId: "ingress",
    deadlineAtMs: Date.now() + 60_000,
    attempt: 0,
    times: { receivedAtMs: 0 },
    image: { blob, bytes: bytes.length, type: "image/jpeg" },
  };
}

function run(
  items: readonly Fetched[],
  dependencies: Partial<PreprocessDependencies> = {},
  signal = new AbortController().signal,
): Promise<Outcome<Preprocessed>[]> {
  const stage = createPreprocessStage({ blobs, specs: async () => [small], ...dependencies });
  const context: StageContext = { signal, log, now: Date.now };
  return Promise.all(stage.run(items, context));
}

const shaded = (shade: number) =>
  sharp({ create: { width: 24, height: 16, channels: 3, background: { r: shade, g: shade, b: shade } } })
    .png()
    .toBuffer();

function doneValue(outcome: Outcome<Preprocessed> | undefined): Preprocessed {
  if (outcome?.kind !== "done") throw new Error(`expected a capture that is done, got ${JSON.stringify(outcome)}`);
  return outcome.value;
}

test("batches at the same time and after one another keep their own pixels, though memory is used again", async () => {
  const stage = createPreprocessStage({ blobs, specs: async () => [small] });
  const context: StageContext = { signal: new AbortController().signal, log, now: Date.now };
  const sizes = [3, 1, 2, 4, 1, 3];
  for (const round of [0, 100]) {
    const shades = sizes.map((size, batch) => Array.from({ length: size }, (_, index) => round + 10 * batch + index));
    const outcomes = await Promise.all(
      shades.map(async (batch) => {
        const items = await Promise.all(batch.map(async (shade) => fetched(`shade-${shade}`, await shaded(shade))));
        return await Promise.all(stage.run(items, context));
      }),
    );
    const tensors = await Promise.all(
      outcomes.map(async ([first]) => await blobs.get(doneValue(first).tensors[0]?.blob ?? "")),
    );
    expect(tensors.map((tensor) => [...new Set(tensor)])).toEqual(shades);
    expect(tensors.map((tensor) => tensor.length)).toEqual(sizes.map((size) => size * rowBytes));
  }
});

test("a batch becomes one tensor whose rows are in the order of its captures", async () => {
  const painted = (red: number) =>
    sharp({ create: { width: 24, height: 16, channels: 3, background: { r: red, g: 0, b: 0 } } })
      .png()
      .toBuffer();
  const items = await Promise.all([10, 20, 30, 40, 50].map(async (red) => fetched(`c${red}`, await painted(red))));
  const values = (await run(items)).map(doneValue);
  expect(values.map(({ capture }) => capture.captureId)).toEqual(["c10", "c20", "c30", "c40", "c50"]);
  expect(values.map(({ tensors }) => tensors.map(({ row }) => row))).toEqual([[0], [1], [2], [3], [4]]);
  const references = new Set(values.flatMap(({ tensors }) => tensors.map(({ blob }) => blob)));
  expect(references.size).toBe(1);
  const tensor = await blobs.get([...references][0] ?? "");
  expect(tensor).toHaveLength(5 * rowBytes);
  expect([0, 1, 2, 3, 4].map((row) => tensor[row * rowBytes])).toEqual([10, 20, 30, 40, 50]);
});

test("bad images are rejected, their neighbours go on and leave no gap between their rows", async () => {
  const jpeg = await encodings.jpeg();
  const items = await Promise.all([
    fetched("good-1", jpeg),
    fetched("cut off", jpeg.subarray(0, jpeg.length / 2)),
    fetched("svg", Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')),
    fetched("good-2", await encodings.png()),
    fetched("empty", new Uint8Array()),
    fetched("good-3", await encodings.webp()),
  ]);
  const outcomes = await run(items);
  expect(outcomes.map((outcome) => (outcome.kind === "reject" ? outcome.reason : outcome.kind))).toEqual([
    "done",
    "image-corrupt",
    "unsupported-format",
    "done",
    "image-empty",
    "done",
  ]);
  for (const outcome of outcomes) {
    if (outcome.kind === "reject")
      expect(outcome).toMatchObject({ verdict: "unprocessable", detail: expect.stringMatching(/image|bytes/) });
  }
  const tensors = [0, 3, 5].map((index) => doneValue(outcomes[index]).tensors[0]);
  expect(tensors.map((tensor) => tensor && [tensor.row, tensor.rows])).toEqual([
    [0, 3],
    [1, 3],
    [2, 3],
  ]);
  const bytes = await blobs.get(tensors[0]?.blob ?? "");
  expect(bytes).toHaveLength(3 * rowBytes);
  for (const row of [0, 1, 2]) {
    expect(difference(quartersOf(bytes.subarray(row * rowBytes), small), quarterColours)).toBeLessThanOrEqual(8);
  }
});

test("each specification gets a tensor of its own, and a row of each goes with the capture", async () => {
  const large: TensorSpec = { ...small, key: "large", width: 48, height: 32 };
  const planes: TensorSpec = { ...small, key: "planes", layout: "nchw", datatype: "FP32" };
  const items = [await fetched("one", await encodings.png()), await fetched("two", await encodings.jpeg())];
  const values = (await run(items, { specs: async () => [small, large, planes] })).map(doneValue);
  for (const { tensors } of values) expect(tensors.map(({ spec }) => spec)).toEqual([small.key, "large", "planes"]);
  const sizes = await Promise.all((values[0]?.tensors ?? []).map(async ({ blob }) => (await blobs.get(blob)).length));
  expect(sizes).toEqual([2 * rowBytes, 2 * 4 * rowBytes, 2 * 4 * rowBytes]);
});

test("a batch of bad images alone makes no tensor", async () => {
  const refused: BlobStore = { ...blobs, put: () => Promise.reject(new Error("a tensor was stored")) };
  const outcomes = await run([await fetched("bad", Buffer.from("no image"))], { blobs: refused });
  expect(outcomes.map(({ kind }) => kind)).toEqual(["reject"]);
});

test("the pixel limit is the configured one", async () => {
  const item = await fetched("picture", await encodings.png());
  expect(await run([item], { maxPixels: 1_000 })).toMatchObject([{ kind: "reject", reason: "too-many-pixels" }]);
});

test("a capture whose stored image is gone is rejected, its neighbours go on", async () => {
  const items = [await fetched("gone", await encodings.png()), await fetched("there", await encodings.png())];
  await blobs.delete([items[0]?.image.blob ?? ""]);
  const [gone, there] = await run(items);
  expect(gone).toMatchObject({ kind: "reject", verdict: "unprocessable", reason: "blob-missing" });
  expect(doneValue(there).tensors).toMatchObject([{ row: 0, rows: 1 }]);
});

test("captures are tried again when the blob store is away", async () => {
  const elsewhere = await mkdtemp(join(tmpdir(), "preprocess-away-"));
  const away = openBlobStore(pathToFileURL(elsewhere).href, { log });
  const item = await fetched("picture", await encodings.png());
  item.image.blob = await away.put(await encodings.png(), { ttlMs: 60_000 });
  await rm(elsewhere, { recursive: true });
  expect(await run([item], { blobs: away })).toMatchObject([{ kind: "retry", reason: "blob-store-unavailable" }]);
});

test("captures wait at no cost of theirs when no model server says what it wants", async () => {
  const specs = async () => {
    throw new InferenceError("unavailable", "the model server cannot be reached");
  };
  const outcomes = await run([await fetched("picture", await encodings.png())], { specs });
  expect(outcomes).toMatchObject([{ kind: "retry", reason: "model-unavailable", free: true }]);
});

test("a worker that is asked to stop begins no further image", async () => {
  const outcomes = await run([await fetched("picture", await encodings.png())], {}, AbortSignal.abort());
  expect(outcomes).toMatchObject([{ kind: "retry", reason: "worker-stopping", free: true }]);
});

const thumbnails = { ttlMs: 60_000 };
const thumbnailOf = async (value: Preprocessed) => {
  const { blob, offset, bytes } = value.thumbnail ?? { blob: "none", offset: 0, bytes: 0 };
  return sharp((await blobs.get(blob)).subarray(offset, offset + bytes));
};
const plain = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: "#336699" } });

test("the thumbnails of a batch are small JPEGs in one blob, each in the proportions of its picture", async () => {
  const items = await Promise.all([
    fetched("landscape", await plain(1280, 720).jpeg().toBuffer()),
    fetched("damaged", Buffer.from("no image")),
    fetched("portrait", await plain(300, 600).png().toBuffer()),
    fetched("small", await encodings.webp()),
  ]);
  const outcomes = await run(items, { thumbnails });
  const values = [0, 2, 3].map((index) => doneValue(outcomes[index]));
  expect(new Set(values.map(({ thumbnail }) => thumbnail?.blob)).size).toBe(1);
  const seen = await Promise.all(values.map(async (value) => (await thumbnailOf(value)).metadata()));
  expect(seen.map(({ format, width, height }) => [format, width, height])).toEqual([
    ["jpeg", 160, 90],
    ["jpeg", 80, 160],
    ["jpeg", 96, 64],
  ]);
  expect(values.map(({ size }) => [size?.width, size?.height])).toEqual([
    [1280, 720],
    [300, 600],
    [96, 64],
  ]);
  for (const { thumbnail } of values) expect(thumbnail?.bytes).toBeLessThan(8_000);
});

test.each([1, 3, 6, 8])("the thumbnail of a picture stored in EXIF orientation %i is upright", async (orientation) => {
  const [outcome] = await run([await fetched("turned", await quartersStoredAs(orientation))], { thumbnails });
  const value = doneValue(outcome);
  expect(value.size).toEqual({ width: 96, height: 64 });
  const { data, info } = await (await thumbnailOf(value)).raw().toBuffer({ resolveWithObject: true });
  expect([info.width, info.height]).toEqual([96, 64]);
  expect(difference(quartersOf(data, info), quarterColours)).toBeLessThanOrEqual(20);
});

test("thumbnails outlive their batch by the lifetime that is set, and no longer", async () => {
  const lifetimes: (number | undefined)[] = [];
  const watched: BlobStore = {
    ...blobs,
    put(bytes, options) {
      lifetimes.push(options?.ttlMs);
      return blobs.put(bytes, options);
    },
  };
  const item = await fetched("picture", await encodings.png());
  await run([item], { blobs: watched, blobTtlMs: 900_000, thumbnails: { ttlMs: 180_000 } });
  expect(lifetimes.toSorted()).toEqual([180_000, 900_000]);
});

test("no thumbnails are made when nobody wants them", async () => {
  const [outcome] = await run([await fetched("picture", await encodings.png())]);
  expect(doneValue(outcome)).not.toHaveProperty("thumbnail.blob");
  expect(doneValue(outcome).size).toBeUndefined();
});

test("a capture whose thumbnail cannot be stored goes on without one", async () => {
  const refusing: BlobStore = {
    ...blobs,
    put: (bytes, options) =>
      options?.ttlMs === thumbnails.ttlMs ? Promise.reject(new Error("the disk is full")) : blobs.put(bytes, options),
  };
  const item = await fetched("picture", await encodings.png());
  const [outcome] = await run([item], { blobs: refusing, thumbnails });
  expect(doneValue(outcome).thumbnail).toBeUndefined();
  expect(doneValue(outcome).tensors).toHaveLength(1);
});
