import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../src/local/free-port.ts";
import { captureStates } from "../../src/pipeline/capture-states.ts";
import { newBatchId } from "../../src/pipeline/job.ts";
import { openQueues, type Queues } from "../../src/pipeline/queues.ts";
import { type StageName, stageNames, stages } from "../../src/pipeline/stages.ts";
import { ensureTopics } from "../../src/producer/ingress/subscription.ts";
import { connectRedis } from "../../src/redis/connection.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { startRedis } from "../../test/services.ts";
import { until } from "../../test/system.ts";
import { servePictures } from "../picture-host.ts";
import { processFigures } from "../process-figures.ts";

export interface StageResult {
  stage: StageName;
  capturesPerSecond: number;
  cpuMsPerCapture: number;
  peakMiB: number;
}

const batchSize = 16;
const program = new URL("../../src/cli/main.ts", import.meta.url).pathname;

/** One worker process of each stage by itself: each works off what the one before has made. */
export async function benchStages(options: { captures: number; repository: string }): Promise<StageResult[]> {
  const folder = mkdtempSync(join(tmpdir(), "briareus-bench-"));
  await using redisService = await startRedis({ native: true });
  const pictures = await servePictures();
  const environment = {
    REDIS_URL: redisService.url,
    PUBSUB_EMULATOR_HOST: `127.0.0.1:${await freePort()}`,
    METADATA_SERVER_DETECTION: "none",
    BRIAREUS_MODEL_SERVER: `127.0.0.1:${await freePort()}`,
    BRIAREUS_BLOBS: `file://${folder}/blobs`,
    BRIAREUS_EVIDENCE: `file://${folder}/evidence`,
    BRIAREUS_FETCH_ALLOW: "127.0.0.1/32",
    BRIAREUS_LOG_LEVEL: "warn",
  };
  const port = (address: string) => address.split(":")[1] ?? "";
  const services = [
    start(environment, ["pubsub-emulator", "--port", port(environment.PUBSUB_EMULATOR_HOST)]),
    start(environment, [
      "model-server",
      "--repository",
      options.repository,
      "--port",
      port(environment.BRIAREUS_MODEL_SERVER),
      "--metrics-port",
      "0",
    ]),
  ];
  const log = createLogger({ level: "error", role: "bench" });
  const redis = connectRedis(redisService.url, { role: "client", log });
  const queues = openQueues(redis);
  try {
    await Promise.all(services.map((service) => once(service, "message")));
    process.env.PUBSUB_EMULATOR_HOST = environment.PUBSUB_EMULATOR_HOST;
    await ensureTopics({
      project: "briareus",
      capturesTopic: "captures",
      capturesSubscription: "captures-ingress",
      verdictsTopic: "verdicts",
    });
    const captureIds = await submit(queues, options.captures, pictures.address);
    const results: StageResult[] = [];
    for (const stage of stageNames) {
      const { next } = stages[stage];
      const states = captureStates(redis);
      const done = next
        ? async () => (await batchesLeft(queues, stage)) === 0
        : async () => (await states.states(captureIds)).every((state) => state === "settled");
      results.push(await measure(stage, environment, options.captures, done));
    }
    return results;
  } finally {
    await queues.close();
    redis.disconnect();
    pictures.close();
    await Promise.all(services.map(stop));
    rmSync(folder, { recursive: true, force: true });
    delete process.env.PUBSUB_EMULATOR_HOST;
  }
}

async function measure(
  stage: StageName,
  environment: NodeJS.ProcessEnv,
  captures: number,
  done: () => Promise<boolean>,
): Promise<StageResult> {
  const worker = start(environment, ["worker", stage]);
  await once(worker, "message");
  const startedAtMs = performance.now();
  await until(done, 300_000, () => `${stage} did not finish`);
  const seconds = (performance.now() - startedAtMs) / 1000;
  const { cpuMs, peakMiB } = processFigures(worker.pid ?? 0);
  await stop(worker);
  return { stage, capturesPerSecond: captures / seconds, cpuMsPerCapture: cpuMs / captures, peakMiB };
}

async function batchesLeft(queues: Queues, stage: StageName): Promise<number> {
  const counts = await queues.queue(stage).getJobCounts("wait", "active", "delayed");
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

function start(environment: NodeJS.ProcessEnv, args: string[]): ChildProcess {
  return spawn(process.execPath, [program, ...args], {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
}

async function stop(child: ChildProcess): Promise<void> {
  const gone = once(child, "exit");
  child.kill("SIGTERM");
  await gone;
}

async function submit(queues: Queues, captures: number, address: string): Promise<string[]> {
  const now = Date.now();
  const items = Array.from({ length: captures }, (_, index) => ({
    capture: {
      schemaVersion: 1 as const,
      captureId: `capture-${index}`,
      streamId: `stream-${index % 16}`,
      capturedAt: new Date(now).toISOString(),
      imageUri: `http://${address}/${index}.jpg`,
      attributes: {},
    },
    ingressId: "bench",
    deadlineAtMs: now + 3_600_000,
    attempt: 0,
    times: { receivedAtMs: now },
  }));
  const batches = Array.from({ length: Math.ceil(captures / batchSize) }, (_, index) => ({
    batchId: newBatchId(),
    items: items.slice(index * batchSize, (index + 1) * batchSize),
  }));
  await queues.add("fetch", batches);
  return items.map(({ capture }) => capture.captureId);
}
