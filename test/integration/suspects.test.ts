import { randomUUID } from "node:crypto";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { explode, soloStarts } from "../../src/pipeline/suspects.ts";
import { inFlight } from "../items.ts";
import { type RedisService, startRedis } from "../services.ts";

test("a suspect batch becomes one job per capture, under ids that are the same when it is done twice", () => {
  const items = ["a", "b", "c"].map((id) => inFlight(id));
  const parts = explode("b-1", items);
  expect(parts.map((part) => part.items)).toEqual(items.map((item) => [item]));
  expect(new Set(parts.map(({ batchId }) => batchId)).size).toBe(3);
  expect(explode("b-1", items)).toEqual(parts);
});

describe("a suspect's solo starts", () => {
  let service: RedisService;
  let redis: Redis;
  beforeAll(async () => {
    service = await startRedis();
    redis = new Redis(service.url);
  });
  afterAll(async () => {
    redis.disconnect();
    await service.stop();
  });

  test("are counted over the deaths of its workers: the third start is refused", async () => {
    const captureId = randomUUID();
    const starts = [];
    // A worker that dies never comes to say `end`, and the next is another process.
    for (let life = 0; life < 3; life++) starts.push(await soloStarts(redis, "preprocess").begin(captureId));
    expect(starts).toEqual([false, false, true]);
  });

  test("begin anew after a run that came to its end", async () => {
    const captureId = randomUUID();
    const solo = soloStarts(redis, "preprocess");
    for (let run = 0; run < 5; run++) {
      expect(await solo.begin(captureId)).toBe(false);
      await solo.end(captureId);
    }
  });

  test("of one capture and stage say nothing of another", async () => {
    const [poison, neighbour] = [randomUUID(), randomUUID()];
    for (let life = 0; life < 3; life++) await soloStarts(redis, "preprocess").begin(poison);
    expect(await soloStarts(redis, "preprocess").begin(neighbour)).toBe(false);
    expect(await soloStarts(redis, "infer").begin(poison)).toBe(false);
  });

  test("are forgotten in the end", async () => {
    const captureId = randomUUID();
    await soloStarts(redis, "fetch").begin(captureId);
    const [key] = await redis.keys(`*${captureId}`);
    expect(await redis.pttl(String(key))).toBeGreaterThan(0);
  });
});
