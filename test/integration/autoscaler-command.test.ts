/** `briareus autoscaler` as Kubernetes runs it: several processes, of which one may be killed. */
import type { ChildProcess } from "node:child_process";
import type { Redis } from "ioredis";
import { afterEach, beforeEach, expect, test } from "vitest";
import { freePort } from "../../src/local/free-port.ts";
import { newBatchId } from "../../src/pipeline/job.ts";
import { openQueues } from "../../src/pipeline/queues.ts";
import { connectRedis } from "../../src/redis/connection.ts";
import { readDecisions } from "../../src/scaling/decision-record.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { runCommand, startCommand } from "../command.ts";
import { inFlight } from "../items.ts";
import { kedaClient } from "../keda-client.ts";
import { patience } from "../patience.ts";
import { type RedisService, startRedis } from "../services.ts";

let service: RedisService;
let redis: Redis;
const cleanups: (() => unknown)[] = [];
beforeEach(async () => {
  service = await startRedis();
  redis = connectRedis(service.url, { role: "queue", log: createLogger({ level: "silent", role: "test" }) });
});
afterEach(async () => {
  for (const cleanUp of cleanups.splice(0).toReversed()) await cleanUp();
  redis.disconnect();
  await service.stop();
});

interface Scaler {
  child: ChildProcess;
  keda: ReturnType<typeof kedaClient>;
  page(path: string): Promise<{ status: number; text: string }>;
  ended: Promise<number | null>;
}

async function startScaler(): Promise<Scaler> {
  const [port, metricsPort] = [await freePort(), await freePort()];
  const { child, result } = startCommand(["autoscaler"], {
    REDIS_URL: service.url,
    BRIAREUS_SCALER_PORT: String(port),
    BRIAREUS_METRICS_PORT: String(metricsPort),
    BRIAREUS_INFER_POOL: "0..10@1s",
    BRIAREUS_LOG_LEVEL: "error",
  });
  const keda = kedaClient(`127.0.0.1:${port}`);
  cleanups.push(() => {
    child.kill("SIGKILL");
    keda.close();
  });
  const page = async (path: string) => {
    const answer = await fetch(`http://127.0.0.1:${metricsPort}${path}`);
    return { status: answer.status, text: await answer.text() };
  };
  await expect.poll(async () => (await page("/readyz").catch(() => undefined))?.status, patience).toBe(200);
  return { child, keda, page, ended: result.then(({ code }) => code) };
}

const infer = async () => (await readDecisions(redis))?.pools.find(({ stage }) => stage === "infer");
const leader = async () => Number((await readDecisions(redis))?.by.split("-")[0]);

test("where the one that leads is killed another goes on with its history, and what is wanted never falls meanwhile", async () => {
  const scalers = [await startScaler(), await startScaler()];
  const queues = openQueues(redis);
  const items = Array.from({ length: 4_000 }, (_, index) => inFlight(`infer-${index}`));
  await queues.add("infer", [{ batchId: newBatchId(), items }]);
  await queues.close();
  const wanted = async ({ keda }: Scaler) => (await keda.metrics("infer"))[0]?.metricValueFloat;
  for (const scaler of scalers) await expect.poll(() => wanted(scaler).catch(() => undefined), patience).toBe(10);

  const pid = await leader();
  const [dead, heir] = scalers[0]?.child.pid === pid ? scalers : scalers.toReversed();
  if (!dead || !heir) throw new Error("neither leads");
  const before = await infer();
  dead.child.kill("SIGKILL");
  const seen: unknown[] = [];
  await expect
    .poll(async () => {
      seen.push(await wanted(heir));
      return await leader();
    }, patience)
    .toBe(heir.child.pid);
  expect(new Set(seen)).toEqual(new Set([10]));
  expect(await infer()).toMatchObject({ replicas: 10, history: { raisedAtMs: before?.history.raisedAtMs } });
  expect((await heir.page("/metrics")).text).toMatch(/briareus_pool_wanted_workers\{.*stage="infer".*\} 10/);
});

test("one that is told to end lets another lead at once", async () => {
  const [first, second] = [await startScaler(), await startScaler()];
  await expect.poll(leader, patience).toBeGreaterThan(0);
  const [leads, follows] = (await leader()) === first.child.pid ? [first, second] : [second, first];
  leads.child.kill("SIGTERM");
  expect(await leads.ended).toBe(0);
  const lease = await redis.get("briareus:scaling-leader");
  expect([null, `${follows.child.pid}`]).toContain(lease?.split("-")[0] ?? null);
});

test("limits that contradict one another, and a port that is taken, are said in a sentence", async () => {
  const env = { REDIS_URL: service.url };
  const crossed = await runCommand(["autoscaler"], { ...env, BRIAREUS_FETCH_POOL: "5..1@3s" });
  expect(crossed.code).toBe(2);
  expect(crossed.errors).toContain("BRIAREUS_FETCH_POOL");
  expect(crossed.errors).toContain("must be MIN..MAX@GOALs with MIN at most MAX, such as 1..10@3s");
  const taken = await runCommand(["autoscaler"], { ...env, BRIAREUS_SCALER_PORT: String(service.port) });
  expect(taken.code).toBe(1);
  expect(taken.errors).toMatch(
    new RegExp(`briareus: the external scaler cannot listen on 127.0.0.1:${service.port}: `),
  );
});
