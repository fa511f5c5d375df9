/** `briareus top` as people meet it, on a real Redis with a real worker, and real decisions. */
import type { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { InFlight } from "../../src/capture/item.ts";
import { newBatchId } from "../../src/pipeline/job.ts";
import type { Lifecycle } from "../../src/pipeline/lifecycle.ts";
import { openQueues } from "../../src/pipeline/queues.ts";
import type { Outcome } from "../../src/pipeline/stage.ts";
import { createStageWorker } from "../../src/pipeline/stage-worker.ts";
import { tuningStore } from "../../src/pipeline/tuning/tuning-store.ts";
import { connectRedis } from "../../src/redis/connection.ts";
import { createExternalScaler } from "../../src/scaling/keda/external-scaler.ts";
import { limitsOf } from "../../src/scaling/pool-limits.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { runCommand, startCommand } from "../command.ts";
import { inFlight } from "../items.ts";
import { patience } from "../patience.ts";
import { type RedisService, startRedis } from "../services.ts";

const log = createLogger({ level: "silent", role: "test" });
let service: RedisService;
let redis: Redis;
const parts: Lifecycle[] = [];

beforeAll(async () => {
  service = await startRedis();
  redis = connectRedis(service.url, { role: "queue", log });
});
beforeEach(() => redis.flushall());
afterEach(async () => {
  await Promise.all(parts.splice(0).map((part) => part.stop()));
});
afterAll(async () => {
  redis.disconnect();
  await service.stop();
});

const top = (...args: string[]) => runCommand(["top", ...args], { REDIS_URL: service.url });

async function run(part: Lifecycle) {
  parts.push(part);
  await part.start();
}

/** A worker that hands on what it gets, and whoever scales the pools. */
async function startSystem() {
  await run(
    createStageWorker(
      {
        name: "infer",
        input: InFlight,
        run: (items) => items.map(async (value): Promise<Outcome<InFlight>> => ({ kind: "done", value })),
      },
      { redisUrl: service.url, log, concurrency: 3, drainMs: 1_000 },
    ),
  );
  const pool = { min: 1, max: 4, goalMs: 2_000 };
  const pools = { fetch: pool, preprocess: pool, infer: pool, postprocess: pool };
  const limits = limitsOf({ stabilisationMs: 1_000, pools });
  await run(createExternalScaler({ redisUrl: service.url, host: "127.0.0.1", port: 0, limits, log }));
  await expect.poll(() => redis.exists("briareus:scaling")).toBe(1);
}

async function put(captures: number) {
  const queues = openQueues(redis);
  const items = Array.from({ length: captures }, (_, index) => inFlight(`capture-${index}`));
  await queues.add("postprocess", [{ batchId: newBatchId(), items }]);
  await queues.close();
}

test("each pool is shown with its workers, work, limits and the reason; what is tuned is marked, with who changed it", async () => {
  await startSystem();
  await put(48);
  const step = { who: "Ada", why: "a flood" };
  await tuningStore(redis).change({ ...step, expectedVersion: 0, stages: { infer: { max: 6 } } });
  const { code, output, errors } = await top("--once");
  expect({ code, errors }).toEqual({ code: 0, errors: "" });
  const lines = output.split("\n");
  expect(lines[0]).toMatch(
    /^briareus {2}\d\d:\d\d:\d\d {2}· {2}scaled by keda \(.+\) [\d.]+ s ago · ingress holds 0\/0 · tuning 1$/,
  );
  expect(lines.find((line) => /^infer /.test(line))).toMatch(/^infer +1\/1 +1\.\.6 +0 +0 s +2 s /);
  expect(lines).toContain("  tuned: max 6 · at the minimum of 1");
  expect(lines.find((line) => /^postprocess /.test(line))).toMatch(/^postprocess +0\/1 +1\.\.4 +48 /);
  expect(output).toMatch(/\n {2}1 starting · 48 captures and \d+\/s more need 1 at 5 ms each/);
  expect(output).toMatch(/\nchanges {6}\d\d:\d\d:\d\d {2}infer max default → 6: changed by Ada, "a flood"\n$/);
});

test("where the output is no terminal it is shown once, and as JSON it is what Ops says, with rates", async () => {
  await startSystem();
  expect((await top()).output).toMatch(/^briareus .*\n.*\n\n +workers +limits/);
  const { output } = await top("--once", "--json");
  expect(JSON.parse(output)).toMatchObject({
    state: {
      scaler: { driver: "keda" },
      pools: [{ stage: "fetch", inPerSecond: 0, replicas: { wanted: 1, running: 0 } }, {}, { stage: "infer" }, {}],
    },
    troubles: { infer: { rejectedPerSecond: 0, retriedPerSecond: 0 } },
    tuning: { version: 0 },
    changes: [],
    failures: [],
  });
});

test("without Redis it ends with one sentence; one that is lost meanwhile is said, and waited for", async () => {
  const { code, output, errors } = await runCommand(["top"], { REDIS_URL: "redis://127.0.0.1:1" });
  expect({ code, output, errors }).toEqual({
    code: 1,
    output: "",
    errors: "briareus: Redis does not answer: REDIS_URL says where it is looked for\n",
  });
  const lost = await startRedis();
  const { child, result } = startCommand(["top", "--json"], { REDIS_URL: lost.url });
  const said: string[] = [];
  child.stdout?.on("data", (text: Buffer) => said.push(text.toString()));
  const lines = () => said.join("").trim().split("\n");
  try {
    await expect.poll(lines, patience).toContainEqual(expect.stringMatching(/^\{"state":/));
    await lost.kill();
    await expect.poll(() => lines().at(-1), patience).toMatch(/^\{"trouble":"Redis does not answer: REDIS_URL says/);
    await lost.restart();
    await expect.poll(() => lines().at(-1), patience).toMatch(/^\{"state":/);
  } finally {
    child.kill("SIGINT");
    await lost.stop();
  }
  expect((await result).code).toBe(0);
});
