/** What ops is told of verdicts: counts by reason, and the captures that could not be processed, on a real Redis. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { BlobStore } from "../../src/blobs/blob-store.ts";
import { openBlobStore } from "../../src/blobs/open-blob-store.ts";
import type { Concluded } from "../../src/capture/item.ts";
import type { ReasonCode } from "../../src/capture/reasons.ts";
import { captureStates } from "../../src/pipeline/capture-states.ts";
import { readTotals, totalOf } from "../../src/pipeline/totals.ts";
import { readUnprocessable } from "../../src/pipeline/unprocessable.ts";
import { readVerdictCounts } from "../../src/pipeline/verdict-counts.ts";
import { Policy } from "../../src/policy/policy.ts";
import { connectRedis } from "../../src/redis/connection.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { decide } from "../../src/workers/postprocess/decide.ts";
import { createPostprocessStage } from "../../src/workers/postprocess/postprocess-stage.ts";
import { createStreamMemory } from "../../src/workers/postprocess/stream-memory.ts";
import { createVerdictTally, type VerdictTally } from "../../src/workers/postprocess/verdict-tally.ts";
import { inFlight } from "../items.ts";
import { type RedisService, startRedis } from "../services.ts";

const log = createLogger({ level: "silent", role: "test" });
const policy = Policy.parse({
  version: "test-1",
  categories: { nudity: { severity: "high", labels: [{ model: "m", label: "nude", threshold: 0.8 }] } },
});
const blobTtlMs = 60_000;

let service: RedisService;
let redis: Redis;
let folder: string;
let blobs: BlobStore;
let tally: VerdictTally;
beforeAll(async () => {
  service = await startRedis();
  redis = connectRedis(service.url, { role: "client", log });
  folder = await mkdtemp(join(tmpdir(), "tally-"));
  blobs = openBlobStore(pathToFileURL(join(folder, "blobs")).href, { log });
});
afterAll(async () => {
  redis.disconnect();
  await service.stop();
  await rm(folder, { recursive: true });
});
beforeEach(async () => {
  await redis.flushall();
  tally = createVerdictTally({ redis, log, blobTtlMs });
});

/** Through the stage, and out of it, as a worker does. */
async function run(items: readonly Concluded[]): Promise<void> {
  const stage = createPostprocessStage({
    policy: () => policy,
    blobs,
    evidence: blobs,
    verdicts: { publish: async () => undefined, close: async () => undefined },
    states: captureStates(redis),
    streams: createStreamMemory(redis),
    tally,
  });
  const signal = new AbortController().signal;
  await Promise.all(stage.run(items, { signal, log, now: Date.now }));
  await stage.release?.(items);
}

function rejected(captureId: string, reason: ReasonCode, more: Partial<Concluded> = {}): Concluded {
  const verdict = reason === "deadline-exceeded" ? "expired" : "unprocessable";
  const { times, ...item } = inFlight(captureId);
  return {
    ...item,
    times: { ...times, receivedAtMs: Date.now() },
    result: { kind: "rejected", verdict, reason, detail: `because of ${reason}` },
    ...more,
  };
}

function scored(captureId: string, nude: number): Concluded {
  return {
    ...inFlight(captureId),
    result: { kind: "scored", scores: [{ model: "m", version: "1", scores: { nude } }] },
  };
}

async function picture(bytes: number): Promise<NonNullable<Concluded["image"]>> {
  return { blob: await blobs.put(Buffer.alloc(bytes), { ttlMs: blobTtlMs }), bytes, type: "image/jpeg" };
}

test("verdicts are counted by kind and reason, and what is settled already is not counted again", async () => {
  const batch = [scored("a", 0.1), scored("b", 0.9), rejected("c", "not-found"), rejected("d", "not-found")];
  await run([...batch, rejected("e", "deadline-exceeded")]);
  await run(batch);
  await tally.stop();
  const counts = await readVerdictCounts(redis, 60_000, Date.now());
  expect(counts.toSorted((a, b) => a.verdict.localeCompare(b.verdict))).toEqual([
    { verdict: "clean", reason: null, count: 1 },
    { verdict: "expired", reason: "deadline-exceeded", count: 1 },
    { verdict: "flagged", reason: null, count: 1 },
    { verdict: "unprocessable", reason: "not-found", count: 2 },
  ]);
  expect((await readTotals(redis)).get(totalOf.verdict("unprocessable"))).toBe(2);
  expect(await readVerdictCounts(redis, 60_000, Date.now() + 120_000)).toEqual([]);
});

test("captures that could not be processed are remembered newest first, with all that a redrive needs", async () => {
  await run([rejected("a", "not-found")]);
  await run([rejected("b", "image-corrupt"), scored("c", 0.9)]);
  await tally.stop();
  const remembered = await readUnprocessable(redis);
  expect(remembered.map(({ captureId, reason }) => [captureId, reason])).toEqual([
    ["b", "image-corrupt"],
    ["a", "not-found"],
  ]);
  const { capture } = inFlight("a");
  expect(remembered[1]).toMatchObject({
    streamId: capture.streamId,
    capturedAt: capture.capturedAt,
    imageUri: capture.imageUri,
    attributes: capture.attributes,
    detail: "because of not-found",
    picture: null,
  });
  expect(remembered[0]?.id).toMatch(/^[\w-]{22}$/);
});

test("attributes too many to be remembered are left out, and the capture is there all the same", async () => {
  const { capture } = inFlight("big");
  const attributes = Object.fromEntries(Array.from({ length: 64 }, (_, index) => [`k${index}`, "é".repeat(1_000)]));
  await run([rejected("big", "not-found", { capture: { ...capture, attributes } })]);
  await tally.stop();
  expect(await readUnprocessable(redis)).toMatchObject([{ captureId: "big", attributes: null }]);
});

test("of captures that fail now and then the picture stays where it is until it expires; of a flood only some do", async () => {
  const items = await Promise.all(
    Array.from({ length: 14 }, async (_, index) =>
      rejected(`c${index}`, "model-bad-request", { image: await picture(10) }),
    ),
  );
  const large = rejected("large", "model-bad-request", { image: await picture(6 << 20) });
  await run([large, ...items]);
  await tally.stop();
  const pictures = (await readUnprocessable(redis)).map((each) => each.picture);
  const kept = pictures.filter((each) => each !== null);
  expect(kept).toHaveLength(10);
  for (const { blob, untilMs } of kept) {
    expect(await blobs.get(blob)).toHaveLength(10);
    expect(untilMs).toBeGreaterThan(Date.now());
  }
  const images = [large, ...items].map(({ image }) => image?.blob ?? "");
  const there = await Promise.allSettled(images.map((blob) => blobs.get(blob)));
  expect(there.filter(({ status }) => status === "fulfilled")).toHaveLength(10);
  expect(there[0]?.status).toBe("rejected");
});

test("while Redis is away verdicts go on being counted, and are written when it is back", async () => {
  const own = connectRedis(service.url, { role: "client", log });
  const counting = createVerdictTally({ redis: own, log, blobTtlMs });
  await service.pause();
  const item = rejected("late", "not-found");
  counting.count(decide(item, policy, Date.now()), item);
  const stopped = counting.stop();
  await service.resume();
  await stopped;
  expect(await readVerdictCounts(redis, 60_000, Date.now())).toMatchObject([{ count: 1 }]);
  own.disconnect();
});
