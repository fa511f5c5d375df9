/** The real HPA follows our scaler through KEDA: real queues, the chart's objects, `briareus autoscaler` as a process. */
import type { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { newBatchId } from "../../src/pipeline/job.ts";
import { openQueues } from "../../src/pipeline/queues.ts";
import { tuningStore } from "../../src/pipeline/tuning/tuning-store.ts";
import { connectRedis } from "../../src/redis/connection.ts";
import { readDecisions } from "../../src/scaling/decision-record.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { inFlight } from "../items.ts";
import { type RedisService, startRedis } from "../services.ts";
import { applyDefinition, chart, type Deployment, type KubernetesObject, valueArguments } from "./chart.ts";
import { type Cluster, openCluster } from "./cluster.ts";
import { isCalled, type Releases, releasesIn } from "./release.ts";

interface Hpa extends KubernetesObject {
  status?: { conditions?: { type: string; status: string; reason: string; message: string }[] };
}

const log = createLogger({ level: "silent", role: "test" });
/** KEDA polls every 2 s here, the HPA every 5 to 15 s, and neither is in a hurry after an error. */
const patient = { timeout: 120_000, interval: 500 };
const cleanUps: (() => Promise<unknown>)[] = [];
let cluster: Cluster;
let namespace: string;
let releases: Releases;
let service: RedisService;
let redis: Redis;

beforeAll(async () => {
  cluster = await openCluster();
  await applyDefinition(cluster);
});
afterAll(() => cluster?.close());

beforeEach(async () => {
  namespace = await cluster.namespace("scaler");
  releases = releasesIn(cluster, namespace, cleanUps);
  service = await startRedis();
  cleanUps.push(service.stop);
  redis = connectRedis(service.url, { role: "queue", log });
  cleanUps.push(async () => redis.disconnect());
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

/** A release with KEDA whose fetch pool may go away whole, and its autoscaler. */
async function installScaled() {
  const values = {
    ...releases.fixed(),
    "scaling.driver": "keda",
    "scaling.scaleDownSeconds": 3,
    "scaling.keda.pollingSeconds": 2,
    "scaling.keda.cooldownSeconds": 3,
    "pools.fetch.min": 0,
    "pools.fetch.max": 8,
    "pools.fetch.goalSeconds": 1,
  };
  await releases.makeVolume("one");
  await cluster.helm("install", "one", chart, "-n", namespace, ...valueArguments(values));
  return releases.runAutoscaler("one", service.url);
}

const replicas = async () =>
  (await releases.objects<Deployment>("deployments")).find(isCalled("one-fetch"))?.spec.replicas;
/** Whether the HPA gets its metric, and why not. */
const scaling = async () =>
  (await releases.objects<Hpa>("horizontalpodautoscalers"))
    .find(isCalled("one-fetch"))
    ?.status?.conditions?.find(({ type }) => type === "ScalingActive");

async function put(captures: number) {
  const queues = openQueues(redis);
  const batches = Array.from({ length: captures / 16 }, () => {
    const batchId = newBatchId();
    return { batchId, items: Array.from({ length: 16 }, (_, index) => inFlight(`${batchId}-${index}`)) };
  });
  await queues.add("fetch", batches);
  await queues.close();
}

async function takeAll() {
  const queues = openQueues(redis);
  await queues.queue("fetch").obliterate({ force: true });
  await queues.close();
}

test("a pool goes from none to as many as its work needs, and back to none", async () => {
  await installScaled();
  await expect.poll(replicas, patient).toBe(0);
  // 10 ms a capture in 8 slots: 3,200 within a second are 4 workers' work; what comes meanwhile asks for more.
  await put(3_200);
  await expect.poll(replicas, patient).toBeGreaterThanOrEqual(4);
  expect(await replicas()).toBeLessThanOrEqual(8);
  await takeAll();
  await expect.poll(replicas, patient).toBe(0);
});

test("a scaler that is killed, and a Redis that is lost, leave a pool as it is, and the HPA says why", async () => {
  const autoscaler = await installScaled();
  await put(3_200);
  await expect.poll(async () => (await scaling())?.status, patient).toBe("True");
  await expect.poll(replicas, patient).toBeGreaterThanOrEqual(4);

  await autoscaler.kill();
  await expect.poll(scaling, patient).toMatchObject({ status: "False", reason: "FailedGetExternalMetric" });
  expect(await replicas()).toBeGreaterThanOrEqual(4);
  await releases.runAutoscaler("one", service.url);
  await expect.poll(async () => (await scaling())?.status, patient).toBe("True");
  expect(await replicas()).toBeGreaterThanOrEqual(4);

  await service.kill();
  await expect.poll(scaling, patient).toMatchObject({ status: "False", reason: "FailedGetExternalMetric" });
  expect(await replicas()).toBeGreaterThanOrEqual(4);
  await service.restart();
  // What was in it is gone, as far as this test goes; ingress would submit it again.
  await expect.poll(replicas, patient).toBe(0);
});

test("a pool that ops paused stays as it is, whatever comes, until they let it go on", async () => {
  await installScaled();
  await expect.poll(replicas, patient).toBe(0);
  const store = tuningStore(redis);
  const step = { who: "Ada", why: "a broken image host" };
  const paused = await store.change({ ...step, expectedVersion: 0, stages: { fetch: { paused: true } } });
  await expect
    .poll(async () => (await readDecisions(redis))?.pools.find(({ stage }) => stage === "fetch")?.reason, patient)
    .toBe("held: the queue is paused");
  await put(3_200);
  const hpaLooked = Date.now() + 20_000;
  await expect.poll(async () => (await readDecisions(redis))?.atMs, patient).toBeGreaterThan(hpaLooked);
  expect(await replicas()).toBe(0);
  await store.change({ ...step, expectedVersion: paused.version, stages: { fetch: { paused: false } } });
  await expect.poll(replicas, patient).toBeGreaterThanOrEqual(4);
});
