/** KEDA's external scaler, asked over gRPC as KEDA's operator asks it, on a real Redis. */
import { status } from "@grpc/grpc-js";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { newBatchId } from "../../src/pipeline/job.ts";
import { openQueues } from "../../src/pipeline/queues.ts";
import type { StageName } from "../../src/pipeline/stages.ts";
import { tuningStore } from "../../src/pipeline/tuning/tuning-store.ts";
import { connectRedis } from "../../src/redis/connection.ts";
import { readDecisions } from "../../src/scaling/decision-record.ts";
import { createExternalScaler } from "../../src/scaling/keda/external-scaler.ts";
import { limitsOf } from "../../src/scaling/pool-limits.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { registry } from "../../src/telemetry/metrics.ts";
import { inFlight } from "../items.ts";
import { kedaClient } from "../keda-client.ts";
import { patience } from "../patience.ts";
import { type RedisService, startRedis } from "../services.ts";

const log = createLogger({ level: "silent", role: "test" });
const pool = { min: 0, max: 10, goalMs: 1_000 };
const limits = limitsOf({
  stabilisationMs: 1_000,
  pools: { fetch: pool, preprocess: { ...pool, min: 2 }, infer: pool, postprocess: pool },
});

let service: RedisService;
let redis: ReturnType<typeof connectRedis>;
beforeEach(async () => {
  service = await startRedis();
  redis = connectRedis(service.url, { role: "queue", log });
});
afterEach(async () => {
  redis.disconnect();
  await service.stop();
});

/** @param own metadata of the ScaledObjects that KEDA asks it for */
async function startScaler(own: Record<string, string> = {}) {
  const scaler = createExternalScaler({ redisUrl: service.url, host: "127.0.0.1", port: 0, limits, log });
  await scaler.start();
  const keda = kedaClient(scaler.address() ?? "", own);
  onTestFinished(async () => {
    keda.close();
    await scaler.stop();
  });
  return { keda, address: scaler.address() ?? "", stop: scaler.stop, leads: scaler.leads };
}

async function put(stage: StageName, captures: number) {
  const queues = openQueues(redis);
  const items = Array.from({ length: captures }, (_, index) => inFlight(`${stage}-${index}`));
  await queues.add(stage, [{ batchId: newBatchId(), items }]);
  await queues.close();
}

test("an idle pool is not active, and one that waits for work becomes as large as the rule says", async () => {
  const { keda } = await startScaler();
  await vi.waitFor(async () => expect(await keda.isActive("fetch")).toBe(false), patience);
  expect(await keda.metricSpec("fetch")).toMatchObject([{ metricName: "briareus-fetch-workers", targetSizeFloat: 1 }]);
  expect(await keda.metrics("preprocess")).toMatchObject([{ metricValueFloat: 2 }]);
  await put("fetch", 400);
  await vi.waitFor(async () => expect(await keda.isActive("fetch")).toBe(true), patience);
  const decided = (await readDecisions(redis))?.pools.find(({ stage }) => stage === "fetch");
  expect(decided?.reason).toMatch(/^400 captures and \d+\/s more need \d+ at 10 ms each/);
  await vi.waitFor(
    async () => expect((await keda.metrics("fetch"))[0]?.metricValueFloat).toBeGreaterThanOrEqual(1),
    patience,
  );
});

test("whoever waits on the stream hears of the first work, and of its end", async () => {
  const { keda } = await startScaler();
  const stream = keda.stream("fetch");
  await vi.waitFor(() => expect(stream.said).toEqual([false]), patience);
  await put("fetch", 16);
  await vi.waitFor(() => expect(stream.said).toEqual([false, true]), patience);
  await redis.del("briareus:fetch:wait");
  await vi.waitFor(() => expect(stream.said).toEqual([false, true, false]), patience);
  stream.end();
});

test("an unknown stage is refused with those there are", async () => {
  const { keda } = await startScaler();
  const refusal = { code: status.INVALID_ARGUMENT, details: expect.stringContaining("must be fetch, preprocess,") };
  await expect(keda.isActive("fetsch")).rejects.toMatchObject(refusal);
  await expect(keda.metricSpec("")).rejects.toMatchObject(refusal);
  await expect(keda.metrics("toString")).rejects.toMatchObject(refusal);
  expect(await keda.stream("fetsch").error).toMatchObject(refusal);
});

test("replicas agree, and when the one that leads ends, another goes on where it was", async () => {
  const [first, second] = [await startScaler(), await startScaler()];
  await put("infer", 4_000);
  const wanted = async () =>
    Promise.all([first, second].map(async ({ keda }) => (await keda.metrics("infer"))[0]?.metricValueFloat));
  await vi.waitFor(async () => expect(await wanted()).toEqual([10, 10]), patience);
  const before = await readDecisions(redis);
  const [leads, follows] = first.leads() ? [first, second] : [second, first];
  await leads.stop();
  await vi.waitFor(async () => expect((await readDecisions(redis))?.by).not.toBe(before?.by), patience);
  const raisedAtMs = (record = before) => record?.pools.find(({ stage }) => stage === "infer")?.history.raisedAtMs;
  expect(raisedAtMs(await readDecisions(redis))).toBe(raisedAtMs());
  expect(await follows.keda.metrics("infer")).toMatchObject([{ metricValueFloat: 10 }]);
});

test("what ops tune holds: a new minimum, and a pool that is paused stays as it is", async () => {
  const { keda } = await startScaler();
  await vi.waitFor(async () => expect(await keda.metrics("fetch")).toMatchObject([{ metricValueFloat: 0 }]), patience);
  const store = tuningStore(redis);
  const step = { who: "Ada", why: "a show begins" };
  await store.change({ ...step, expectedVersion: 0, stages: { fetch: { min: 3 } } });
  await vi.waitFor(async () => expect(await keda.metrics("fetch")).toMatchObject([{ metricValueFloat: 3 }]), patience);
  await store.change({ ...step, expectedVersion: 1, stages: { fetch: { paused: true } } });
  await put("fetch", 16_000);
  await vi.waitFor(async () => {
    const fetch = (await readDecisions(redis))?.pools.find(({ stage }) => stage === "fetch");
    expect(fetch).toMatchObject({ replicas: 3, reason: "held: the queue is paused" });
  }, patience);
});

test("limits of a ScaledObject hold whichever replica is asked, below what ops tune, until it has none", async () => {
  const [first, second] = [await startScaler(), await startScaler()];
  await vi.waitFor(() => expect(first.leads() || second.leads()).toBe(true), patience);
  // KEDA asks one of them; here the one that does not lead.
  const { address } = first.leads() ? second : first;
  const ask = async (own: Record<string, string>) => {
    const keda = kedaClient(address, own);
    onTestFinished(() => keda.close());
    return (await keda.metrics("fetch"))[0]?.metricValueFloat;
  };
  const limited = { min: "4", goal: "500ms" };
  await vi.waitFor(async () => expect(await ask(limited)).toBe(4), patience);
  const known = await readDecisions(redis);
  expect(known?.defaults?.fetch).toMatchObject({ min: 4, max: 10, goalMs: 500 });
  expect(known?.defaults?.infer).toMatchObject({ min: 0, max: 10, goalMs: 1_000 });
  const step = { who: "Ada", why: "a show begins", expectedVersion: 0 };
  await tuningStore(redis).change({ ...step, stages: { fetch: { min: 6 } } });
  await vi.waitFor(async () => expect(await ask(limited)).toBe(6), patience);
  await expect(ask({ min: "11" })).rejects.toMatchObject({
    code: status.INVALID_ARGUMENT,
    details: 'ScaledObject "briareus-fetch", metadata: min is 11 and max is 10, less than that',
  });
  expect((await readDecisions(redis))?.defaults?.fetch).toMatchObject({ min: 4 });
  await vi.waitFor(async () => {
    await ask({});
    expect((await readDecisions(redis))?.defaults?.fetch).toMatchObject({ min: 0, goalMs: 1_000 });
  }, patience);
});

test("a Redis that comes back empty has the ScaledObjects' limits again before KEDA asks anew", async () => {
  const { keda } = await startScaler({ max: "3" });
  await vi.waitFor(async () => expect(await keda.metrics("infer")).toHaveLength(1), patience);
  const max = async () => (await readDecisions(redis))?.pools.find(({ stage }) => stage === "infer")?.limits.max;
  await vi.waitFor(async () => expect(await max()).toBe(3), patience);
  await redis.flushall();
  await vi.waitFor(async () => expect(await redis.exists("briareus:scaling-limits")).toBe(1), patience);
  await vi.waitFor(async () => expect(await max()).toBe(3), patience);
});

test("without Redis metrics are an error and never 0, while the other questions are answered", async () => {
  const { keda } = await startScaler();
  await put("fetch", 100);
  await vi.waitFor(async () => expect(await keda.isActive("fetch")).toBe(true), patience);
  await service.kill();
  await vi.waitFor(() => expect(keda.metrics("fetch")).rejects.toMatchObject({ code: status.UNAVAILABLE }), patience);
  expect(await keda.isActive("fetch")).toBe(true);
  expect(await keda.metricSpec("fetch")).toHaveLength(1);
  await vi.waitFor(async () => expect(await registry.metrics()).not.toMatch(/wanted_workers\{/), patience);
  await service.restart();
  await vi.waitFor(async () => expect(await keda.metrics("fetch")).toHaveLength(1), patience);
});

test("the figures are there for Prometheus", async () => {
  const { keda } = await startScaler();
  await put("postprocess", 32);
  await vi.waitFor(async () => expect(await keda.isActive("postprocess")).toBe(true), patience);
  await vi.waitFor(async () => {
    const shown = await registry.metrics();
    expect(shown).toMatch(/briareus_pool_wanted_workers\{stage="preprocess"\} 2/);
    expect(shown).toMatch(/briareus_pool_captures\{stage="postprocess"\} 32/);
  }, patience);
});
