import { fork } from "node:child_process";
import { once } from "node:events";
import { PubSub } from "@google-cloud/pubsub";
import { Verdict } from "../../src/capture/verdict.ts";
import { loadSettings } from "../../src/config/settings.ts";
import { startAutoscaler } from "../../src/local/autoscaler.ts";
import { type LocalSystem, startLocalSystem } from "../../src/local/system.ts";
import { quantile } from "../../src/pipeline/stage-meter.ts";
import { stageNames } from "../../src/pipeline/stages.ts";
import { ensureTopics } from "../../src/producer/ingress/subscription.ts";
import { connectRedis } from "../../src/redis/connection.ts";
import type { PoolDecision } from "../../src/scaling/decide-pools.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { until } from "../../test/system.ts";
import { readWorkerLog } from "./worker-logs.ts";

const times = 20;

/** Milliseconds from the first capture of the burst, unless said. */
export interface BurstResult {
  captures: number;
  /** Absent, like the next two: the machine did with the workers that it had. */
  firstDecisionMs?: number;
  /** A worker that was not there before takes jobs. */
  firstNewWorkerMs?: number;
  /** So do all workers that the burst brings. */
  fullMs?: number;
  /** From the last capture of the burst to the last of their verdicts. */
  drainMs: number;
  /** From then to pools as small as before. */
  shrunkMs: number;
  p99Ms: number;
  /** Captures that were past their deadline. */
  late: number;
  workers: WorkerTimes[];
}

interface WorkerTimes {
  name: string;
  startedMs: number;
  readyMs: number;
  firstBatchMs: number;
}

/** A steady load on the whole local system, and then, for so many seconds, 20 times as much. */
export async function benchBurst(options: { rate: number; seconds: number }): Promise<BurstResult> {
  const local = await startLocalSystem(
    { ...process.env, BRIAREUS_LOG_LEVEL: "debug" },
    { watch: { restarted: () => undefined, hopeless: () => undefined } },
  );
  Object.assign(process.env, local.environment, { METADATA_SERVER_DETECTION: "none" });
  try {
    return await measure(local, options);
  } finally {
    await local.stop();
    for (const name of Object.keys(local.environment)) delete process.env[name];
  }
}

async function measure(local: LocalSystem, { rate, seconds }: { rate: number; seconds: number }): Promise<BurstResult> {
  const settings = loadSettings(process.env);
  const pubsub = new PubSub({ projectId: settings.pubsub.project });
  await until(
    () =>
      ensureTopics(settings.pubsub).then(
        () => true,
        () => false,
      ),
    30_000,
    () => "Pub/Sub never answered",
  );
  const [subscription] = await pubsub.createSubscription(settings.pubsub.verdictsTopic, "bench");
  const verdicts: { capturedAtMs: number; atMs: number; kind: string }[] = [];
  subscription.on("message", (message) => {
    message.ack();
    const { capturedAt, verdict } = Verdict.parse(JSON.parse(message.data.toString()));
    verdicts.push({ capturedAtMs: Date.parse(capturedAt ?? ""), atMs: Date.now(), kind: verdict });
  });

  const log = createLogger({ level: "silent", role: "bench" });
  const redis = connectRedis(settings.redisUrl, { role: "client", log });
  await publish(60, 5, () => verdicts.length); // Everything has started and its hot code is compiled.
  const started: { atMs: number; name: string }[] = [];
  const { pools } = local;
  const sizes = new Map(stageNames.map((stage) => [stage, pools[stage].size()]));
  const scaled = ({ stage, replicas }: PoolDecision) => {
    const added = pools[stage].processes().slice(sizes.get(stage), replicas);
    started.push(...added.map(({ name }) => ({ atMs: Date.now(), name })));
    sizes.set(stage, replicas);
  };
  const autoscaler = startAutoscaler({ redis, pools, log, scaled });
  const asBefore = () => stageNames.every((stage) => pools[stage].size() === 1);
  await publish(rate, 20, () => verdicts.length - 300);
  await until(asBefore, 120_000, () => "the steady load needs more than one worker of a stage");

  const [steady, startedBefore] = [verdicts.length, started.length];
  await publish(times * rate, seconds, () => verdicts.length - steady);
  const burst = verdicts.slice(steady);
  const capturedAtMs = burst.map((each) => each.capturedAtMs);
  const [startMs, endMs] = [Math.min(...capturedAtMs), Math.max(...capturedAtMs)];
  const lastVerdictMs = Math.max(...burst.map(({ atMs }) => atMs));
  const grown = started.slice(startedBefore).filter(({ atMs }) => atMs <= lastVerdictMs);
  await until(asBefore, 120_000, () => "the pools did not shrink");
  const shrunkAtMs = Date.now();
  autoscaler.stop();
  redis.disconnect();
  await subscription.close();
  await pubsub.close();

  const workers = grown.flatMap(({ name, atMs }) => {
    const { readyAtMs, firstBatchAtMs } = readWorkerLog(local.logFolder, name, atMs);
    if (readyAtMs === undefined || firstBatchAtMs === undefined) return [];
    const since = (eachMs: number) => eachMs - startMs;
    return [{ name, startedMs: since(atMs), readyMs: since(readyAtMs), firstBatchMs: since(firstBatchAtMs) }];
  });
  const readyMs = workers.map((worker) => worker.readyMs).sort((a, b) => a - b);
  const latencies = burst.map((each) => each.atMs - each.capturedAtMs).sort((a, b) => a - b);
  return {
    captures: burst.length,
    firstDecisionMs: workers[0]?.startedMs,
    firstNewWorkerMs: readyMs[0],
    fullMs: readyMs.at(-1),
    drainMs: lastVerdictMs - endMs,
    shrunkMs: shrunkAtMs - lastVerdictMs,
    p99Ms: quantile(latencies, 0.99),
    late: burst.filter(({ kind }) => kind === "expired").length,
    workers,
  };
}

/** Publishes at a steady rate and waits for as many verdicts. */
async function publish(rate: number, seconds: number, verdicts: () => number): Promise<void> {
  const publisher = new URL("../end-to-end/publisher.ts", import.meta.url);
  const child = fork(publisher, [String(rate), String(seconds)]);
  const [{ published }] = await once(child, "message");
  await until(
    () => verdicts() >= published,
    300_000,
    () => `${verdicts()} of ${published} verdicts`,
  );
  child.disconnect();
  await once(child, "exit");
}
