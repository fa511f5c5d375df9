/** The console beside a pipeline: its Redis is real, and its workers say what a test has them say. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { PubSub } from "@google-cloud/pubsub";
import type { Redis } from "ioredis";
import { openBlobStore } from "../../src/blobs/open-blob-store.ts";
import type { Verdict } from "../../src/capture/verdict.ts";
import { newBatchId } from "../../src/pipeline/job.ts";
import { reportFigures, reportHeld } from "../../src/pipeline/pool-figures.ts";
import { openQueues, type Queues } from "../../src/pipeline/queues.ts";
import type { StageFigures } from "../../src/pipeline/stage-meter.ts";
import { type StageName, stageNames } from "../../src/pipeline/stages.ts";
import { type Counted, totalOf } from "../../src/pipeline/totals.ts";
import { watchTuning } from "../../src/pipeline/tuning/watch-tuning.ts";
import { addUnprocessable, unprocessableOf } from "../../src/pipeline/unprocessable.ts";
import { addVerdictCounts } from "../../src/pipeline/verdict-counts.ts";
import { connectRedis } from "../../src/redis/connection.ts";
import { createReviewService } from "../../src/review/review-service.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { inFlight } from "../items.ts";
import { flagged, startReview } from "../review.ts";
import { type RedisService, startRedis } from "../services.ts";
import { openSite, type Server, type Site, type SiteParts } from "./site.ts";

export interface OpsSite {
  site: Site;
  redis: Redis;
  service: RedisService;
  queues: Queues;
  /** Captures that were published to the pipeline. */
  published: () => readonly { captureId: string }[];
  /** Puts captures on a stage's queue, which nobody takes. */
  wait(stage: StageName, count: number): Promise<void>;
  /** Remembers captures as unprocessable, and counts them. @param bytes of their picture, where one is kept */
  fail(captureIds: readonly string[], facts?: Partial<Verdict>, bytes?: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

const log = createLogger({ level: "silent", role: "test" });
const consoleFolder = fileURLToPath(new URL("../../src/console/dist", import.meta.url));
const pictureMs = 900_000;

/** @param workers so many processes of each pool, which keep up with what comes */
export async function openOpsSite(workers: Partial<Record<StageName, number>> = {}): Promise<OpsSite> {
  const service = await startRedis();
  const redis = connectRedis(service.url, { role: "client", log });
  const folder = mkdtempSync(join(tmpdir(), "briareus-ops-"));
  const blobs = openBlobStore(pathToFileURL(folder).href, { log });
  const queues = openQueues(redis);
  const site = await openSite({ serve: (parts) => serveWith(parts, service.url, pathToFileURL(folder).href) });
  const captures = await followCaptures(site);
  const watch = watchTuning(redis, () => undefined, log);
  const stops = stageNames.flatMap((stage) =>
    Array.from({ length: workers[stage] ?? 0 }, (_, at) => {
      const work = steadyWork(stage, perSecond / (workers[stage] ?? 1));
      return reportFigures(
        redis,
        stage,
        `${stage}-${at}`,
        () => ({
          ...steady,
          ...ownFigures(stage),
          tuningVersion: watch.current().version,
          atMs: Date.now(),
        }),
        work,
      );
    }),
  );
  stops.push(reportHeld(redis, "ingress-0", () => ({ held: 320, maxHeld: 4_096, batchSize: 8, atMs: Date.now() })));
  return {
    site,
    redis,
    service,
    queues,
    published: captures.seen,
    async wait(stage, count) {
      const items = Array.from({ length: count }, (_, at) => inFlight(`${stage}-waits-${at}`));
      await queues.add(stage, [{ batchId: newBatchId(), items }]);
    },
    async fail(captureIds, facts = {}, bytes) {
      const failures = await Promise.all(
        captureIds.map(async (captureId, at) => {
          const why = {
            verdict: "unprocessable",
            reason: "image-corrupt",
            detail: "premature end of the image",
          } as const;
          const verdict = flagged("8812", captureId, { findings: [], ...why, decidedAtMs: Date.now() + at, ...facts });
          const picture = bytes && { blob: await blobs.put(bytes), untilMs: Date.now() + pictureMs };
          return unprocessableOf(verdict, picture ?? null);
        }),
      );
      const pipeline = redis.pipeline();
      addUnprocessable(pipeline, failures);
      const counts = failures.map(({ reason }) => ({ verdict: "unprocessable" as const, reason, count: 1 }));
      addVerdictCounts(pipeline, counts, Date.now());
      await pipeline.exec();
    },
    async close() {
      watch.stop();
      await Promise.all(stops.map((stop) => stop()));
      await captures.close();
      await site.close();
      await queues.close();
      await blobs.close();
      redis.disconnect();
      await service.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The service closes its database when it stops, so it gets one of its own. */
async function serveWith({ review, topic, timing }: SiteParts, redisUrl: string, blobs: string): Promise<Server> {
  const own = await startReview({ url: review.url, context: { ...review.context, timing } });
  const service = createReviewService(
    { ...review.context, db: own.context.db },
    {
      host: "127.0.0.1",
      port: 0,
      consoleFolder,
      pubsub: topic.settings,
      pipeline: { redisUrl, blobs: openBlobStore(blobs, { log }), modelServer: "127.0.0.1:1", deadlineMs: 60_000 },
    },
  );
  await service.start();
  return { url: service.url(), close: () => service.stop() };
}

/** The topic that captures come on, and what was published there. */
async function followCaptures({ topic }: Site) {
  const pubsub = new PubSub({ projectId: topic.settings.project });
  const [captures] = await pubsub.topic(topic.settings.capturesTopic).get({ autoCreate: true });
  const [subscription] = await captures.createSubscription("pipeline");
  const seen: { captureId: string }[] = [];
  subscription.on("error", () => undefined);
  subscription.on("message", (message) => {
    seen.push(JSON.parse(message.data.toString()));
    message.ack();
  });
  return {
    seen: () => seen,
    async close() {
      await subscription.close();
      await pubsub.close();
    },
  };
}

const steady: StageFigures = {
  done: 0,
  retried: 0,
  rejected: 0,
  active: 1,
  concurrency: 4,
  defaultConcurrency: 4,
  tuningVersion: 0,
  batches: 30,
  serviceMsPerCapture: 10,
  capturesPerBatch: 8,
  p50Ms: 10,
  p95Ms: 20,
  atMs: 0,
};

const perSecond = 200;
/** Of its four slots so many are at work, for so long with each capture. */
export const steadyPools = {
  fetch: { active: 2, workMs: 90 },
  preprocess: { active: 3, workMs: 9 },
  infer: { active: 3, workMs: 41 },
  postprocess: { active: 1, workMs: 6 },
} satisfies Record<StageName, { active: number; workMs: number }>;

const ownFigures = (stage: StageName) => ({
  active: steadyPools[stage].active,
  serviceMsPerCapture: steadyPools[stage].workMs,
});

/** What one process of a pool counts; most captures turn out clean. */
function steadyWork(stage: StageName, rate: number): () => Counted {
  const beganMs = Date.now();
  return () => {
    const done = Math.round(((Date.now() - beganMs) * rate) / 1_000);
    const flaggedOnes = Math.floor(done / 60);
    return {
      [totalOf.outcome(stage, "done")]: done,
      [totalOf.time(stage, "service", bucketOf(steadyPools[stage].workMs))]: done,
      [totalOf.time(stage, "waiting", bucketOf(260))]: done,
      ...(stage === "fetch" && { [totalOf.received]: done }),
      ...(stage === "postprocess" && {
        [totalOf.verdict("clean")]: done - flaggedOnes,
        [totalOf.verdict("flagged")]: flaggedOnes,
        [totalOf.time(stage, "whole", bucketOf(1_300))]: done,
      }),
    };
  };
}

/** Four buckets a doubling above 0.05 ms. */
const bucketOf = (ms: number) => Math.round(4 * Math.log2(ms / 0.05));
