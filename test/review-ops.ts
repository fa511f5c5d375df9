/** Review beside a pipeline whose Redis is real, and whose workers say what a test has them say. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Redis } from "ioredis";
import type { BlobStore } from "../src/blobs/blob-store.ts";
import { openBlobStore } from "../src/blobs/open-blob-store.ts";
import { freePort } from "../src/local/free-port.ts";
import { reportFigures } from "../src/pipeline/pool-figures.ts";
import type { StageFigures } from "../src/pipeline/stage-meter.ts";
import type { StageName } from "../src/pipeline/stages.ts";
import type { Counted } from "../src/pipeline/totals.ts";
import { connectRedis } from "../src/redis/connection.ts";
import type { Scope } from "../src/review/access/roles.ts";
import { type Ops, openOps } from "../src/review/ops/open-ops.ts";
import { createLogger } from "../src/telemetry/logger.ts";
import { startReview } from "./review.ts";
import { type Caller, startReviewApi, type TestApi } from "./review-api.ts";
import { type RedisService, startRedis } from "./services.ts";

export interface TestOps {
  api: TestApi;
  redis: Redis;
  service: RedisService;
  ops: Ops;
  blobs: BlobStore;
  /** A key, and a person who moderates, both with the scope ops. */
  key: Caller & { id: string };
  person: Caller & { id: string };
  /** A worker process that reports these figures until it is stopped. */
  worker(stage: StageName, figures?: Partial<StageFigures>, counted?: () => Counted): { stop(): Promise<void> };
  [Symbol.asyncDispose](): Promise<void>;
}

const log = createLogger({ level: "silent", role: "test" });
const scopes: Scope[] = ["ops"];
const deadlineMs = 60_000;

/** Measures at once, unless `sampling` is false. @param options.modelServer HOST:PORT; absent: one that is away */
export async function startReviewOps(
  options: { sampling?: boolean; modelServer?: string; now?: () => number } = {},
): Promise<TestOps> {
  const service = await startRedis();
  const redis = connectRedis(service.url, { role: "client", log });
  const folder = mkdtempSync(join(tmpdir(), "briareus-ops-"));
  const blobs = openBlobStore(pathToFileURL(folder).href, { log });
  const modelServer = options.modelServer ?? `127.0.0.1:${await freePort()}`;
  const now = options.now ?? Date.now;
  const ops = openOps({ redisUrl: service.url, blobs, modelServer, deadlineMs, log, now });
  const review = await startReview({ context: { now } });
  const api = await startReviewApi({ ops: ops.parts, review });
  if (options.sampling ?? true) await ops.sampler.start();
  const workers: (() => Promise<void>)[] = [];
  return {
    api,
    redis,
    service,
    ops,
    blobs,
    key: await api.key(scopes),
    person: await api.person("moderator", undefined, scopes),
    worker(stage, figures = {}, counted) {
      const id = `${stage}-${workers.length}`;
      const stop = reportFigures(redis, stage, id, () => ({ ...idle, ...figures, atMs: Date.now() }), counted);
      workers.push(stop);
      return { stop };
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(workers.map((stop) => stop()));
      await ops.sampler.stop();
      await ops.stop();
      await api[Symbol.asyncDispose]();
      await review.close();
      redis.disconnect();
      await service.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const idle: StageFigures = {
  done: 0,
  retried: 0,
  rejected: 0,
  active: 0,
  concurrency: 2,
  defaultConcurrency: 2,
  tuningVersion: 0,
  batches: 1,
  serviceMsPerCapture: 10,
  capturesPerBatch: 16,
  p50Ms: 10,
  p95Ms: 20,
  atMs: 0,
};
