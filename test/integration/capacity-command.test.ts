/** `briareus capacity` as people meet it: arguments in, a plan out, on a real Redis with the reports of workers. */
import type { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { readPools, reportFigures } from "../../src/pipeline/pool-figures.ts";
import { createStageMeter } from "../../src/pipeline/stage-meter.ts";
import { connectRedis } from "../../src/redis/connection.ts";
import { runCommand } from "../command.ts";
import { type RedisService, startRedis } from "../services.ts";

let service: RedisService;
let redis: Redis;
const cleanups: (() => unknown)[] = [];

beforeAll(async () => {
  service = await startRedis();
  redis = connectRedis(service.url, { role: "client" });
});
beforeEach(() => redis.flushall());
afterEach(async () => {
  for (const cleanUp of cleanups.splice(0)) await cleanUp();
});
afterAll(async () => {
  redis.disconnect();
  await service.stop();
});

const capacity = (...args: string[]) => runCommand(["capacity", ...args], { REDIS_URL: service.url });
async function planned(...args: string[]): Promise<string> {
  const { code, output, errors } = await capacity(...args);
  expect({ code, errors }).toEqual({ code: 0, errors: "" });
  return output;
}

/** A worker that did batches of 8 captures in 480 ms each, in three slots. */
async function pretendWorker() {
  const meter = createStageMeter("preprocess");
  for (let batch = 0; batch < 20; batch++) meter.recordBatch(8, 480);
  const settings = { concurrency: 3, defaultConcurrency: 3, tuningVersion: 0 };
  cleanups.push(reportFigures(redis, "preprocess", "worker-1", () => meter.figures(settings, Date.now())));
  await expect.poll(async () => (await readPools(redis, Date.now()))[1]?.processes.length).toBe(1);
}

test("a plan is made from what the running workers measure, and from what is documented where none has worked", async () => {
  await pretendWorker();
  const { pools, capturesPerSecond } = JSON.parse(await planned("--streams", "200", "--fps", "0.5", "--json"));
  expect(capturesPerSecond).toBe(100);
  // 60 ms × (1.25 × 0.1/ms + 100/s × 480 ms ÷ 3000 ms) ÷ 3 = 2.82
  expect(pools[1]).toMatchObject({
    name: "preprocess",
    replicas: 3,
    serviceMs: 60,
    concurrency: 3,
    source: "measured",
  });
  expect(pools[0]).toMatchObject({ name: "fetch", replicas: 1, source: "documented" });
  const documented = JSON.parse(await planned("--rate", "100", "--json", "--documented"));
  expect(documented.pools[1]).toMatchObject({ replicas: 1, source: "documented" });
});

test("the table says what limits, what one more carries, and what it costs", async () => {
  const lines = (await planned("--rate", "500", "--price", "core=0.03,model-server=0.35")).split("\n");
  expect(lines[0]).toBe("For 500 captures a second:");
  expect(lines[3]).toMatch(/^fetch +1 +613\/s +\+613\/s +63 % +0\.7 +0\.2 GiB +0\.02 +10 ms, as documented; 8 slots$/);
  expect(lines[10]).toMatch(/^limits the others: preprocess\. One more of it, and all carry 554 captures a second\.$/);
  expect(lines[12]).toMatch(/^costs 2\.\d\d an hour, \d+ a month, \d\.\d\d per million captures$/);
  expect(lines[13]).toBe("no worker of the running system has worked yet");
});

test("the inverse says what workers carry", async () => {
  const output = await planned("--workers", "preprocess=8,model-server=1");
  expect(output).toMatch(/^These carry 79\.\d captures a second\.\n/);
  expect(output).toContain("limits the others: model-server. One more of it, and all carry 158 captures a second.");
});

test("without a system the plan is made all the same, and says so", async () => {
  const { code, output } = await runCommand(["capacity", "--rate", "5"], { REDIS_URL: "redis://127.0.0.1:1" });
  expect(code).toBe(0);
  expect(output).toContain("no system was asked: Redis does not answer at REDIS_URL");
});

test.each([
  [[], /say what comes, --rate 500/],
  [["--rate", "-3"], /must be a number above 0/],
  [["--rate", "3", "--goal", "1ms"], /a duration from 100ms to 1h/],
  [["--rate", "3", "--headroom", "0.5"], /below 1 a queue would only grow/],
  [["--workers", "preprocess=1.5"], /a whole number from 1/],
  [["--rate", "3", "--service", "gpu=1"], /"gpu=1" must be NAME=NUMBER with one of fetch/],
])("%j ends with 2 and a sentence", async (args, words) => {
  const { code, output, errors } = await capacity(...args);
  expect({ code, output }).toEqual({ code: 2, output: "" });
  expect(errors).toMatch(words);
});
