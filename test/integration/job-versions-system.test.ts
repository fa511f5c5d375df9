import { expect, test, vi } from "vitest";
import { z } from "zod";
import { jobVersion } from "../../src/pipeline/job.ts";
import { openQueues } from "../../src/pipeline/queues.ts";
import { connectRedis } from "../../src/redis/connection.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { patience } from "../patience.ts";
import { startSystem } from "../system.ts";

test("captures in jobs that no worker can read get one verdict each, past their deadline, by ingress's memory", async () => {
  await using system = await startSystem({
    env: { BRIAREUS_DEADLINE_MS: "3000", BRIAREUS_GRACE_MS: "1000" },
  });
  const redis = connectRedis(system.redis.url, { role: "queue", log: createLogger({ level: "silent", role: "test" }) });
  const queues = openQueues(redis);
  const fetch = queues.queue("fetch");
  try {
    await fetch.pause();
    const captureIds = await system.publish(8);
    const held = async () => (await fetch.getJobs(["wait"])).reduce((sum, { data }) => sum + itemsOf(data), 0);
    await expect.poll(held, patience).toBe(8);
    for (const job of await fetch.getJobs(["wait"])) await job.updateData({ ...job.data, v: jobVersion + 1 });
    await fetch.resume();

    const verdicts = await system.untilVerdicts(captureIds, 30_000);
    expect(verdicts.map(({ verdict, reason }) => `${verdict}: ${reason}`)).toEqual(
      Array(8).fill("expired: deadline-exceeded"),
    );
    // The jobs that nobody could read are done with, and none has failed.
    await vi.waitFor(
      async () =>
        expect(await fetch.getJobCounts("wait", "active", "delayed", "failed")).toEqual({
          wait: 0,
          active: 0,
          delayed: 0,
          failed: 0,
        }),
      patience,
    );
    expect([...system.verdicts.values()].map((each) => each.length)).toEqual(Array(8).fill(1));
  } finally {
    await queues.close();
    redis.disconnect();
  }
});

const itemsOf = (payload: unknown) => z.object({ items: z.array(z.unknown()) }).parse(payload).items.length;
