import { randomUUID } from "node:crypto";
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createProgressWatch } from "../../src/pipeline/progress-watch.ts";
import { type RedisService, startRedis } from "../services.ts";

const hangMs = 30_000;

describe("a worker", () => {
  let service: RedisService;
  let redis: Redis;
  let queue: Queue;
  let nowMs: number;
  const watch = (concurrency = 1, paused = false) =>
    createProgressWatch(
      queue,
      () => ({ concurrency, paused }),
      () => nowMs,
    );

  beforeAll(async () => {
    service = await startRedis();
  });
  afterAll(() => service.stop());
  beforeEach(() => {
    redis = new Redis(service.url, { maxRetriesPerRequest: null });
    redis.on("error", () => undefined);
    queue = new Queue(randomUUID(), { connection: redis });
    queue.on("error", () => undefined);
    nowMs = 1_000_000;
  });
  afterEach(() => redis.disconnect());

  test("that has nothing to do is live, however long", async () => {
    const progress = watch();
    nowMs += 10 * hangMs;
    expect(await progress.health()).toEqual({ live: true, ready: true, detail: "0 active" });
  });

  test("that begins no batch for 30 s though some wait is to be restarted", async () => {
    await queue.add("batch", {});
    const progress = watch();
    nowMs += hangMs - 1;
    expect(await progress.health()).toMatchObject({ live: true });
    nowMs += 1;
    expect(await progress.health()).toEqual({
      live: false,
      ready: false,
      detail: "1 batches wait and none was begun for 30000 ms",
    });
  });

  test("that works on as many batches as it may is live, however long they take", async () => {
    await queue.add("batch", {});
    const progress = watch(2);
    progress.started();
    progress.started();
    nowMs += 10 * hangMs;
    expect(await progress.health()).toMatchObject({ live: true, detail: "2 active" });
  });

  test("that is paused is live, however much waits", async () => {
    await queue.add("batch", {});
    const progress = watch(1, true);
    nowMs += 10 * hangMs;
    expect(await progress.health()).toEqual({ live: true, ready: true, detail: "0 active, paused" });
  });

  test("that has room beside a batch that never ends is to be restarted when others wait", async () => {
    await queue.add("batch", {});
    const progress = watch(2);
    progress.started();
    nowMs += hangMs;
    expect(await progress.health()).toMatchObject({ live: false });
  });

  test("that begins and ends batches is live though more wait", async () => {
    await queue.add("batch", {});
    const progress = watch();
    nowMs += hangMs;
    progress.started();
    progress.finished();
    expect(await progress.health()).toMatchObject({ live: true });
  });

  test("whose queue is paused is live though batches wait", async () => {
    await queue.add("batch", {});
    await queue.pause();
    const progress = watch();
    nowMs += hangMs;
    expect(await progress.health()).toMatchObject({ live: true });
  });

  test("whose Redis is silent is live, so that no restart adds to the outage, but not ready", async () => {
    const progress = watch();
    await progress.health();
    await service.pause();
    try {
      nowMs += hangMs;
      expect(await progress.health()).toEqual({ live: true, ready: false, detail: "Redis does not answer" });
    } finally {
      await service.resume();
    }
  });

  test("whose connection was closed is not ready, and being asked is no error", async () => {
    const progress = watch();
    redis.disconnect();
    expect(await progress.health()).toEqual({ live: true, ready: false, detail: "Redis does not answer" });
  });
});
