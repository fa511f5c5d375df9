import type { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { Tuning } from "../../src/pipeline/tuning/tuning.ts";
import { TuningError } from "../../src/pipeline/tuning/tuning-error.ts";
import { type TuningStore, tuningKey, tuningStore } from "../../src/pipeline/tuning/tuning-store.ts";
import { type TuningWatch, watchTuning } from "../../src/pipeline/tuning/watch-tuning.ts";
import { connectRedis } from "../../src/redis/connection.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { patience } from "../patience.ts";
import { type RedisService, startRedis } from "../services.ts";

const log = createLogger({ level: "silent", role: "test" });
const who = "ada";
const why = "a flood of streams";
let service: RedisService;
let redis: Redis;
let nowMs: number;
let store: TuningStore;
const cleanups: (() => unknown)[] = [];

beforeAll(async () => {
  service = await startRedis();
  redis = connectRedis(service.url, { role: "client", log });
});
beforeEach(async () => {
  await redis.flushall();
  nowMs = 1_000_000;
  store = tuningStore(redis, () => nowMs);
});
afterEach(async () => {
  for (const cleanUp of cleanups.splice(0)) await cleanUp();
});
afterAll(async () => {
  redis.disconnect();
  await service.stop();
});

async function refusalOf(attempt: Promise<unknown>): Promise<TuningError> {
  const error = await attempt.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof TuningError) return error;
  throw new Error(`it was not refused: ${error}`);
}

const kinds = async () => (await store.log(100)).map(({ version, kind, who }) => `${version} ${kind} ${who}`);

/** A process that follows the tuning, and what it was given to work with. */
function follow(service: RedisService) {
  const connection = connectRedis(service.url, { role: "client", log });
  const applied: Tuning[] = [];
  const watch = watchTuning(connection, (tuning) => applied.push(tuning), log);
  cleanups.push(() => {
    watch.stop();
    connection.disconnect();
  });
  return { watch, applied, connection };
}
const isAt = (watch: TuningWatch, version: number) =>
  vi.waitFor(() => expect(watch.current().version).toBe(version), patience);

describe("a change", () => {
  test("is in force for whoever reads next, and in the log with who, why, from and to", async () => {
    expect(await store.read()).toEqual({ version: 0, atMs: 0, stages: {} });
    const stages = { infer: { max: 6, paused: true }, fetch: { concurrency: 4 } };
    await store.change({ expectedVersion: 0, stages, who, why });
    nowMs += 5;
    await store.change({ expectedVersion: 1, stages: { infer: { max: 8, paused: null } }, who: "bob", why: " more " });
    expect(await tuningStore(redis).read()).toEqual({
      version: 2,
      atMs: 1_000_005,
      stages: { infer: { max: 8 }, fetch: { concurrency: 4 } },
    });
    expect(await store.log(1)).toEqual([
      {
        version: 2,
        atMs: 1_000_005,
        who: "bob",
        why: "more",
        kind: "change",
        stages: { infer: { max: 8 }, fetch: { concurrency: 4 } },
        changes: [
          { stage: "infer", field: "max", from: 6, to: 8 },
          { stage: "infer", field: "paused", from: true, to: null },
        ],
      },
    ]);
    expect(await kinds()).toEqual(["2 change bob", "1 change ada"]);
  });

  test("made from a version that is not in force any more is refused, with both shown, and changes nothing", async () => {
    await store.change({ expectedVersion: 0, stages: { infer: { max: 6 } }, who, why });
    const before = await redis.get(tuningKey);
    const refused = await refusalOf(
      store.change({ expectedVersion: 0, stages: { infer: { max: 2 } }, who: "bob", why: "fewer" }),
    );
    expect(refused.code).toBe("stale-tuning");
    expect(refused.message).toBe(
      'the change was made from version 0, but version 1 is in force, by ada: "a flood of streams"; nothing was changed',
    );
    expect(refused.stale).toMatchObject({ yours: 0, current: { version: 1, stages: { infer: { max: 6 } } } });
    expect(await redis.get(tuningKey)).toBe(before);
    expect(await kinds()).toEqual(["1 change ada"]);
  });

  test("of several made at once from one version: one is taken, the others are refused", async () => {
    const connections = Array.from({ length: 8 }, () => connectRedis(service.url, { role: "client", log }));
    cleanups.push(() => connections.map((each) => each.disconnect()));
    const stores = connections.map((each) => tuningStore(each));
    for (let version = 0; version < 20; version++) {
      const attempts = stores.map((each, index) =>
        each.change({
          expectedVersion: version,
          stages: { fetch: { goalMs: 1_000 + 100 * version + index } },
          who,
          why,
        }),
      );
      const results = await Promise.allSettled(attempts);
      const taken = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
      expect(taken).toHaveLength(1);
      expect(await store.read()).toEqual(taken[0]);
      for (const result of results)
        if (result.status === "rejected") expect(result.reason).toMatchObject({ code: "stale-tuning" });
    }
    expect(await store.log(100)).toHaveLength(20);
  });

  test("that is invalid changes nothing, neither document nor log", async () => {
    await store.change({ expectedVersion: 0, stages: { infer: { max: 6 } }, who, why });
    const before = await redis.get(tuningKey);
    const attempts = [
      store.change({ expectedVersion: 1, stages: { infer: { min: 7 } }, who, why }),
      store.change({ expectedVersion: 1, stages: { infer: { min: -1 } }, who, why }),
      store.change({ expectedVersion: 1, stages: { infer: { max: 7 } }, who, why: " " }),
      store.change({ expectedVersion: 1, stages: { infer: { max: 7 } }, who, why, trialMs: 1 }),
      store.change({
        expectedVersion: 1,
        stages: { infer: { max: 7 } },
        who,
        why,
        defaults: { infer: { min: 8, max: 9 } },
      }),
    ];
    for (const attempt of attempts) expect((await refusalOf(attempt)).code).toBe("invalid-tuning");
    expect(await redis.get(tuningKey)).toBe(before);
    expect(await kinds()).toEqual(["1 change ada"]);
  });

  test("is remembered a thousand times", async () => {
    for (let version = 0; version < 1_010; version++)
      await store.change({ expectedVersion: version, stages: { fetch: { max: (version % 500) + 1 } }, who, why });
    const entries = await store.log(2_000);
    expect([entries.length, entries[0]?.version, entries.at(-1)?.version]).toEqual([1_000, 1_010, 11]);
  });
});

describe("a trial", () => {
  beforeEach(async () => {
    await store.change({ expectedVersion: 0, stages: { infer: { max: 6 } }, who, why });
    await store.change({ expectedVersion: 1, stages: { infer: { max: 9 } }, who, why, trialMs: 300_000 });
  });

  test("runs out with nobody there: who looks first afterwards finds all as before, and writes it down once", async () => {
    nowMs += 299_999;
    expect(await store.read()).toMatchObject({ version: 2, stages: { infer: { max: 9 } } });
    nowMs += 100_000;
    const found = await Promise.all(Array.from({ length: 8 }, () => store.read()));
    for (const each of found) expect(each).toEqual({ version: 3, atMs: 1_300_000, stages: { infer: { max: 6 } } });
    expect(await kinds()).toEqual(["3 revert timer", "2 trial ada", "1 change ada"]);
    expect((await store.log(2))[1]?.trialUntilMs).toBe(1_300_000);
  });

  test("that is kept stays after its time", async () => {
    expect(await store.keep({ expectedVersion: 2, who: "bob", why: "it helped" })).toMatchObject({ version: 3 });
    nowMs += 1_000_000;
    expect(await store.read()).toMatchObject({ version: 3, stages: { infer: { max: 9 } } });
    expect(await kinds()).toEqual(["3 keep bob", "2 trial ada", "1 change ada"]);
  });

  test("that is reverted is over at once", async () => {
    expect(await store.revert({ expectedVersion: 2, who, why })).toMatchObject({ stages: { infer: { max: 6 } } });
    expect(await kinds()).toEqual(["3 revert ada", "2 trial ada", "1 change ada"]);
  });

  test("cannot be kept by somebody who comes too late", async () => {
    nowMs += 300_000;
    expect((await refusalOf(store.keep({ expectedVersion: 2, who, why }))).code).toBe("stale-tuning");
    expect((await refusalOf(store.keep({ expectedVersion: 3, who, why }))).code).toBe("no-trial");
    expect(await store.read()).toMatchObject({ version: 3, stages: { infer: { max: 6 } } });
  });

  test("ends on time for a process that runs, even while Redis is away", async () => {
    const before = { infer: { max: 6 } };
    const trial = { untilMs: Date.now() + 1_500, before };
    await redis.set(tuningKey, JSON.stringify({ version: 5, atMs: 1, stages: { infer: { max: 9 } }, trial }));
    const { watch, applied } = follow(service);
    await isAt(watch, 5);
    await service.kill();
    await vi.waitFor(() => expect(applied.map(({ version }) => version)).toEqual([5, 6]), patience);
    expect(applied.at(-1)?.stages).toEqual(before);
    await service.restart();
  });
});

describe("restoring", () => {
  test("brings back any version of the log, and the untuned beginning, each as a new one", async () => {
    await store.change({ expectedVersion: 0, stages: { infer: { max: 6 } }, who, why });
    await store.change({ expectedVersion: 1, stages: { infer: { max: 9 }, fetch: { batch: 2 } }, who, why });
    expect(await store.restore({ expectedVersion: 2, version: 1, who, why })).toMatchObject({
      version: 3,
      stages: { infer: { max: 6 } },
    });
    expect(await store.restore({ expectedVersion: 3, version: 0, who, why })).toMatchObject({ version: 4, stages: {} });
    expect(await store.restore({ expectedVersion: 4, version: 2, who, why })).toMatchObject({
      version: 5,
      stages: { infer: { max: 9 }, fetch: { batch: 2 } },
    });
    expect((await store.log(3)).map(({ kind, restores }) => [kind, restores])).toEqual([
      ["restore", 2],
      ["restore", 0],
      ["restore", 1],
    ]);
  });

  test("a version that the log does not hold is refused", async () => {
    const refused = await refusalOf(store.restore({ expectedVersion: 0, version: 7, who, why }));
    expect([refused.code, refused.message]).toEqual(["unknown-version", "the log holds no version 7"]);
  });
});

describe("a Redis that is restarted", () => {
  const change = () => store.change({ expectedVersion: 0, stages: { infer: { paused: true } }, who, why });

  test("with its data has tuning and log as they were", async () => {
    await using persistent = await startRedis({ persistent: true });
    const client = connectRedis(persistent.url, { role: "client", log });
    cleanups.push(() => client.disconnect());
    store = tuningStore(client, () => nowMs);
    await change();
    await persistent.restart();
    expect(await store.read()).toEqual({ version: 1, atMs: nowMs, stages: { infer: { paused: true } } });
    expect(await kinds()).toEqual(["1 change ada"]);
  });

  test("without its data gets the tuning back from whoever runs, and the log says so", async () => {
    const { watch } = follow(service);
    await change();
    await isAt(watch, 1);
    await service.kill();
    await service.restart();
    await vi.waitFor(async () => expect((await store.read()).stages).toEqual({ infer: { paused: true } }), patience);
    expect(watch.current().version).toBe(1);
    const [entry] = await store.log(10);
    expect(entry).toMatchObject({ version: 1, kind: "restore", who: "system", restores: 1 });
    expect(await store.restore({ expectedVersion: 1, version: 0, who, why })).toMatchObject({ version: 2, stages: {} });
  });

  test("without its data, and nobody who knew it, has nothing tuned", async () => {
    await change();
    await service.kill();
    await service.restart();
    expect(await store.read()).toEqual({ version: 0, atMs: 0, stages: {} });
  });

  test("gets the newest that anybody knows, and nothing that is older than what it has", async () => {
    const at = (version: number, atMs: number): Tuning => ({ version, atMs, stages: { fetch: { max: version } } });
    await store.putBack(at(41, 100));
    await store.putBack(at(42, 200));
    await store.putBack(at(40, 50));
    expect(await store.read()).toEqual(at(42, 200));
    expect(await kinds()).toEqual(["42 restore system", "41 restore system"]);
  });

  test("keeps what somebody changed before it got the old back", async () => {
    await change();
    const known: Tuning = { version: 42, atMs: nowMs - 1, stages: { fetch: { max: 2 } } };
    await store.putBack(known);
    expect(await store.read()).toMatchObject({ version: 1 });
  });
});

test("a tuning that cannot be read is said so to people, and changes nothing for those at work", async () => {
  await store.change({ expectedVersion: 0, stages: { infer: { max: 6 } }, who, why });
  const { watch, applied } = follow(service);
  await isAt(watch, 1);
  const later = follow(service);
  await redis.set(tuningKey, '{"version":"two"}');
  expect((await refusalOf(store.read())).message).toContain("briareus:tuning) cannot be read");
  expect((await refusalOf(store.change({ expectedVersion: 1, stages: {}, who, why }))).code).toBe("unreadable-tuning");
  await later.watch.first;
  await redis.set(tuningKey, JSON.stringify({ version: 7, atMs: 7, stages: {} }));
  await isAt(watch, 7);
  expect(applied.map(({ version }) => version)).toEqual([1, 7]);
});
