/** The one exit with real stores and a real Redis: what reviewed verdicts carry, and what is kept for them. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { BlobError, type BlobStore } from "../../src/blobs/blob-store.ts";
import { openBlobStore } from "../../src/blobs/open-blob-store.ts";
import type { Concluded, Thumbnail } from "../../src/capture/item.ts";
import { Verdict } from "../../src/capture/verdict.ts";
import { captureStates } from "../../src/pipeline/capture-states.ts";
import { Policy } from "../../src/policy/policy.ts";
import { connectRedis } from "../../src/redis/connection.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import {
  createPostprocessStage,
  type PostprocessDependencies,
} from "../../src/workers/postprocess/postprocess-stage.ts";
import { createStreamMemory } from "../../src/workers/postprocess/stream-memory.ts";
import { layOut } from "../../src/workers/preprocess/thumbnail.ts";
import { inFlight, receivedAtMs } from "../items.ts";
import { type RedisService, startRedis } from "../services.ts";

const log = createLogger({ level: "silent", role: "test" });
const policy = Policy.parse({
  version: "test-1",
  categories: { nudity: { severity: "high", labels: [{ model: "m", label: "nude", threshold: 0.8 }] } },
});

let service: RedisService;
let redis: Redis;
let folder: string;
let blobs: BlobStore;
let evidence: BlobStore;
let published: Verdict[];
beforeAll(async () => {
  service = await startRedis();
  redis = connectRedis(service.url, { role: "client", log });
  folder = await mkdtemp(join(tmpdir(), "postprocess-"));
  blobs = openBlobStore(pathToFileURL(join(folder, "blobs")).href, { log });
  evidence = openBlobStore(pathToFileURL(join(folder, "evidence")).href, { log });
});
afterAll(async () => {
  redis.disconnect();
  await service.stop();
  await rm(folder, { recursive: true });
});
beforeEach(async () => {
  published = [];
  await redis.flushall();
});

async function run(items: readonly Concluded[], dependencies: Partial<PostprocessDependencies> = {}) {
  const stage = createPostprocessStage({
    policy: () => policy,
    blobs,
    evidence,
    verdicts: { publish: async (verdict) => void published.push(verdict), close: async () => undefined },
    states: captureStates(redis),
    streams: createStreamMemory(redis),
    tally: { count: () => undefined, keepsPicture: () => false },
    ...dependencies,
  });
  const signal = new AbortController().signal;
  return Promise.all(stage.run(items, { signal, log, now: () => receivedAtMs + 500 }));
}

const lastVerdict = () => {
  const verdict = published.at(-1);
  if (!verdict) throw new Error("nothing was published");
  return verdict;
};
const textOf = async (reference: string | null | undefined) =>
  Buffer.from(await evidence.get(reference ?? "")).toString();

/** A capture `second` seconds into the stream, with a picture; and a thumbnail, if its place is given. */
async function scored(captureId: string, second: number, nude: number, thumbnail?: Thumbnail): Promise<Concluded> {
  const { capture, ...rest } = inFlight(captureId);
  const bytes = Buffer.from(`picture of ${captureId}`);
  return {
    ...rest,
    capture: { ...capture, capturedAt: new Date(receivedAtMs - 60_000 + second * 1_000).toISOString() },
    image: { blob: await blobs.put(bytes, { ttlMs: 60_000 }), bytes: bytes.length, type: "image/png" },
    thumbnail,
    size: { width: 1280, height: 720 },
    result: { kind: "scored", scores: [{ model: "m", version: "3", scores: { nude, harmless: 1 - nude } }] },
  };
}

/** A batch's thumbnails in one blob, as preprocess lays them. */
async function sheetOf(...names: string[]): Promise<Thumbnail[]> {
  const { sheet, places } = layOut(names.map((name) => Buffer.from(`thumbnail of ${name};`)));
  const blob = await blobs.put(sheet, { ttlMs: 60_000 });
  return places.flatMap((place) => (place ? [{ blob, ...place }] : []));
}

test("the first flagged verdict of a stream brings its earlier captures, with thumbnails that are kept", async () => {
  const [a, b, c, d] = await sheetOf("a", "b", "c", "d");
  await run([await scored("a", 1, 0.1, a), await scored("b", 2, 0.3, b)]);
  await run([await scored("c", 3, 0.9, c), await scored("d", 4, 0.9, d)]);
  const [, , first, second] = published;
  expect(first?.before).toMatchObject([
    { captureId: "a", scores: [{ model: "m", version: "3", scores: { nude: 0.1 } }] },
    { captureId: "b", capturedAt: new Date(receivedAtMs - 58_000).toISOString() },
  ]);
  expect(first?.before?.[0]?.scores[0]?.scores).not.toHaveProperty("harmless");
  expect(await Promise.all(first?.before?.map(({ thumbnail }) => textOf(thumbnail)) ?? [])).toEqual([
    "thumbnail of a;",
    "thumbnail of b;",
  ]);
  expect(await textOf(first?.thumbnail)).toBe("thumbnail of c;");
  expect(second).not.toHaveProperty("before");
  for (const verdict of published) expect(Verdict.parse(JSON.parse(JSON.stringify(verdict)))).toEqual(verdict);
});

test("a flagged capture that is worked on again carries the same references: copies overwrite themselves", async () => {
  const [a, b] = await sheetOf("a", "b");
  await run([await scored("a", 1, 0.1, a)]);
  const item = await scored("b", 2, 0.9, b);
  await run([item]);
  await redis.del("briareus:capture:b"); // As if the process had died before it settled the capture.
  await run([item]);
  const [, first, again] = published;
  expect(again).toEqual(first);
  expect(again?.before).toHaveLength(1);
});

test("every verdict that a person looks at has evidence, thumbnail and size, whatever it is looked at for", async () => {
  const [a, b, c] = await sheetOf("a", "b", "c");
  await run([await scored("a", 1, 0.1, a)], { policy: () => ({ ...policy, sampleShare: 1 }) });
  await run([await scored("b", 2, 0.9, b), await scored("c", 3, 0.1, c)]);
  expect(published.map(({ review }) => review)).toEqual(["sampled", "flagged", "context"]);
  for (const { captureId, evidence: picture, thumbnail, width, height } of published) {
    expect(await textOf(picture)).toBe(`picture of ${captureId}`);
    expect(await textOf(thumbnail)).toBe(`thumbnail of ${captureId};`);
    expect([width, height]).toEqual([1280, 720]);
  }
});

test("a verdict that nobody looks at keeps nothing", async () => {
  const [a] = await sheetOf("a");
  await run([await scored("a", 1, 0.1, a)]);
  expect(lastVerdict()).toMatchObject({ review: "none", evidence: null, thumbnail: null });
});

test("thumbnails that are gone, or never were, are null, and the verdict goes out", async () => {
  const [a, b] = await sheetOf("a", "b");
  await run([await scored("a", 1, 0.1, a), await scored("none", 2, 0.1)]);
  await blobs.delete([a?.blob ?? ""]);
  await run([await scored("b", 3, 0.9, b)]);
  expect(lastVerdict()).toMatchObject({ verdict: "flagged", thumbnail: null });
  expect(lastVerdict().evidence).not.toBeNull();
  expect(lastVerdict().before?.map(({ captureId, thumbnail }) => [captureId, thumbnail])).toEqual([
    ["a", null],
    ["none", null],
  ]);
});

test("a blob store that is away makes a flagged capture wait, and it is the first all the same when it is back", async () => {
  const [a, b] = await sheetOf("a", "b");
  await run([await scored("a", 1, 0.1, a)]);
  const item = await scored("b", 2, 0.9, b);
  const away: BlobStore = { ...blobs, get: () => Promise.reject(new BlobError("unavailable", "the disk is away")) };
  expect(await run([item], { blobs: away })).toMatchObject([{ kind: "retry", reason: "blob-store-unavailable" }]);
  await run([item]);
  expect(lastVerdict().before).toHaveLength(1);
});

test("a memory that is gone takes only the context along", async () => {
  await run([await scored("a", 1, 0.1)]);
  await service.restart();
  await run([await scored("b", 2, 0.9)]);
  expect(lastVerdict()).toMatchObject({ verdict: "flagged", review: "flagged", before: [] });
});

test("messages that were no captures, and captures that were rejected, are not remembered", async () => {
  const { capture, ...rest } = await scored("late", 1, 0.1);
  const result = { kind: "rejected", verdict: "expired", reason: "deadline-exceeded" } as const;
  await run([
    { ...rest, capture, result },
    { ...rest, capture: { captureId: "invalid-1" }, result },
  ]);
  await run([await scored("b", 2, 0.9)]);
  expect(lastVerdict().before).toEqual([]);
});
