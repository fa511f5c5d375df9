/** The tuning in the real processes of `briareus up`: ingress, workers, the scaler. */
import type { Redis } from "ioredis";
import { expect, test } from "vitest";
import { z } from "zod";
import { startAutoscaler } from "../../src/local/autoscaler.ts";
import { readPools } from "../../src/pipeline/pool-figures.ts";
import { openQueues } from "../../src/pipeline/queues.ts";
import type { TuningChange } from "../../src/pipeline/tuning/merge-change.ts";
import { tuningStore } from "../../src/pipeline/tuning/tuning-store.ts";
import { connectRedis } from "../../src/redis/connection.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { startSystem, until } from "../system.ts";

const log = createLogger({ level: "silent", role: "test" });
const Items = z.array(z.object({ capture: z.object({ captureId: z.string() }) }));

async function tune(redis: Redis, stages: TuningChange) {
  const store = tuningStore(redis);
  const { version } = await store.read();
  await store.change({ expectedVersion: version, stages, who: "ada", why: "test" });
}

async function untilWorkersFollow(redis: Redis, workers: number, version: number) {
  const all = async () => (await readPools(redis, Date.now())).flatMap((pool) => pool.processes);
  await until(
    async () => {
      const processes = await all();
      return processes.length === workers && processes.every(({ tuningVersion }) => tuningVersion === version);
    },
    45_000,
    () => `not all workers work with version ${version}`,
  );
}

test("ingress gathers what fetch may have, a paused pool keeps it, and resumed it gives each capture one verdict", async () => {
  await using system = await startSystem({ env: { BRIAREUS_DEADLINE_MS: "600000", BRIAREUS_BATCH: "2" } });
  const redis = connectRedis(system.redis.url, { role: "client", log });
  const queues = openQueues(redis);
  const published: string[] = [];
  try {
    await system.untilVerdicts(await system.publish(1), 45_000);
    await tune(redis, { fetch: { batch: 5, paused: true } });
    await untilWorkersFollow(redis, 4, 1);
    const gathered = async () => {
      const captureIds = await system.publish(16);
      published.push(...captureIds);
      let sizes: number[] = [];
      await until(
        async () => {
          const jobs = (await queues.queue("fetch").getWaiting()).map((job) => Items.parse(job.data.items));
          const mine = jobs.map(
            (items) => items.filter(({ capture }) => captureIds.includes(capture.captureId)).length,
          );
          sizes = mine.filter((size) => size > 0);
          return sizes.reduce((sum, size) => sum + size, 0) === captureIds.length;
        },
        20_000,
        () => `fetch's queue holds only ${sizes}`,
      );
      return sizes;
    };
    // Ingress follows within half a second; until then it gathers two.
    let largest = 0;
    await until(
      async () => {
        largest = Math.max(...(await gathered()));
        return largest > 2;
      },
      20_000,
      () => "ingress still gathers two",
    );
    expect(largest).toBeLessThanOrEqual(5);
    const fetch = (await readPools(redis, Date.now())).find(({ stage }) => stage === "fetch");
    expect(fetch).toMatchObject({ paused: true, activeBatches: 0 });
    expect(published.filter((captureId) => system.verdicts.has(captureId))).toEqual([]);

    await tune(redis, { fetch: { paused: null } });
    await system.untilVerdicts(published, 45_000);
    const verdicts = published.map((captureId) => system.verdicts.get(captureId)?.map(({ verdict }) => verdict));
    expect(verdicts.filter((each) => each?.join() !== "clean")).toEqual([]);
  } finally {
    await queues.close();
    redis.disconnect();
  }
});

test("the scaler moves a pool between its tuned limits at once, and back when they are taken back", async () => {
  await using system = await startSystem();
  const redis = connectRedis(system.redis.url, { role: "client", log });
  const { pools } = system.local;
  const limit = { min: 1, max: 1, goalMs: 3_000, stabilisationMs: 1_000, headroom: 1.25 };
  const limits = { fetch: limit, preprocess: limit, infer: limit, postprocess: limit };
  const autoscaler = startAutoscaler({ redis, pools, limits, scaled: () => undefined, log });
  const reasons = () => `${autoscaler.decisions().map(({ stage, reason }) => `${stage}: ${reason}`)}`;
  try {
    await tune(redis, { postprocess: { min: 2, max: 3 } });
    await until(() => pools.postprocess.size() === 2, 20_000, reasons);
    expect(pools.fetch.size()).toBe(1);
    await untilWorkersFollow(redis, 5, 1);
    await tuningStore(redis).restore({ expectedVersion: 1, version: 0, who: "ada", why: "test" });
    await until(() => pools.postprocess.size() === 1, 20_000, reasons);
  } finally {
    autoscaler.stop();
    redis.disconnect();
  }
});
