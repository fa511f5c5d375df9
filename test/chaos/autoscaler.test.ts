/** The scaling rule on the real processes of `briareus up`. */
import { readdirSync, readFileSync } from "node:fs";
import { getPriority } from "node:os";
import { join } from "node:path";
import type { Redis } from "ioredis";
import sharp from "sharp";
import { expect, test } from "vitest";
import { startAutoscaler } from "../../src/local/autoscaler.ts";
import { readPools } from "../../src/pipeline/pool-figures.ts";
import { type StageName, stageNames } from "../../src/pipeline/stages.ts";
import { connectRedis } from "../../src/redis/connection.ts";
import type { PoolDecision } from "../../src/scaling/decide-pools.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { type System, startSystem, until } from "../system.ts";

const log = createLogger({ level: "silent", role: "test" });
const picture = sharp({ create: { width: 320, height: 240, channels: 3, background: "#446" } })
  .jpeg()
  .toBuffer();

/** A system whose pictures cost little, so that the machine has room for more workers. */
const startLightSystem = () =>
  startSystem({
    env: { BRIAREUS_DEADLINE_MS: "600000" },
    pictures(_request, response) {
      void picture.then((bytes) => response.writeHead(200, { "content-type": "image/jpeg" }).end(bytes));
      return true;
    },
  });

/** Publishes as long as the condition does not hold, so that there always is something to do. */
async function publishUntil(system: System, condition: () => boolean | Promise<boolean>, words: () => string) {
  const published: string[] = [];
  const answer = async () => {
    const open = published.filter((captureId) => !system.verdicts.has(captureId)).length;
    if (open < 400) published.push(...(await system.publish(200)));
    return condition();
  };
  await until(answer, 45_000, words);
  return published;
}

/** Each capture with one verdict, and a clean one. */
async function expectAllClean(system: System, captureIds: readonly string[]) {
  await system.untilVerdicts(captureIds, 45_000);
  const verdicts = captureIds.map((captureId) => system.verdicts.get(captureId)?.map(({ verdict }) => verdict));
  expect(verdicts.filter((each) => each?.join() !== "clean")).toEqual([]);
}

test("a burst is absorbed: new workers take part, those at work give way to them, no capture is lost, the pools shrink again", async () => {
  await using system = await startLightSystem();
  const redis = connectRedis(system.redis.url, { role: "client", log });
  const { pools } = system.local;
  const before = system.local.processes.map(({ name }) => name);
  await system.untilVerdicts(await system.publish(1), 45_000);

  const moves: PoolDecision[] = [];
  const limit = { min: 1, max: 2, goalMs: 200, stabilisationMs: 2_000, headroom: 1.25 };
  const limits = { fetch: limit, preprocess: limit, infer: limit, postprocess: limit };
  const autoscaler = startAutoscaler({ redis, pools, limits, scaled: (decision) => moves.push(decision), log });
  try {
    const published = await publishUntil(
      system,
      async () => (await workersThatWork(redis, "preprocess")) === 2,
      () => `no second worker of preprocess took part: ${autoscaler.decisions().map(({ reason }) => reason)}`,
    );
    expect(stageNames.map((stage) => getPriority(system.pid(stage)))).toEqual([10, 10, 10, 10]);
    expect(getPriority(system.pid("ingress"))).toBe(getPriority());
    await expectAllClean(system, published);
    await until(
      () => stageNames.every((stage) => pools[stage].size() === 1) && system.local.processes.length === before.length,
      30_000,
      () => `pools did not shrink: ${autoscaler.decisions().map(({ stage, reason }) => `${stage}: ${reason}`)}`,
    );
    expect(system.local.processes.map(({ name }) => name)).toEqual(before);
    expect(moves[0]?.reason).toMatch(/ more need \d+ at .* ms each.*: 1 → 2$/);
    expect(moves.at(-1)?.reason).toMatch(/^(1 was enough|nothing was there) for 2 s: 2 → 1$/);
  } finally {
    autoscaler.stop();
    redis.disconnect();
  }
});

test("workers that are drained amid their work finish it: no capture is lost, rescued or done twice", async () => {
  await using system = await startLightSystem();
  const redis = connectRedis(system.redis.url, { role: "client", log });
  const { pools, logFolder } = system.local;
  const drained: StageName[] = [];
  const drainThoseThatWork = async () => {
    for (const stage of stageNames) {
      if (pools[stage].processes().length === 1) pools[stage].setSize(2);
      if (pools[stage].size() < 2 || (await workersThatWork(redis, stage)) < 2) continue;
      pools[stage].setSize(1);
      drained.push(stage);
    }
    return stageNames.every((stage) => drained.filter((each) => each === stage).length >= 2);
  };
  try {
    const published = await publishUntil(system, drainThoseThatWork, () => `only these were drained: ${drained}`);
    await expectAllClean(system, published);
    expect(system.local.processes.map((each) => each.restarts())).toEqual(system.local.processes.map(() => 0));
    const ending = () => stageNames.filter((stage) => pools[stage].processes().length > pools[stage].size());
    await until(
      () => ending().length === 0,
      20_000,
      () => `a worker of ${ending()} does not end`,
    );
    const logs = stageNames.map((stage) => readFileSync(join(logFolder, `${stage}-2.log`), "utf8")).join("");
    expect(logs.match(/worker stopped/g)?.length).toBe(drained.length);
    expect(
      readdirSync(logFolder).filter((file) => /stalled/.test(readFileSync(join(logFolder, file), "utf8"))),
    ).toEqual([]);
  } finally {
    redis.disconnect();
  }
});

/** Workers of a pool that have done something. */
async function workersThatWork(redis: Redis, stage: StageName): Promise<number> {
  const pool = (await readPools(redis, Date.now())).find((each) => each.stage === stage);
  return pool?.processes.filter(({ done }) => done > 0).length ?? 0;
}
