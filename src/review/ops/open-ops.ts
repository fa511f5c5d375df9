import { setTimeout as sleep } from "node:timers/promises";
import type { BlobStore } from "../../blobs/blob-store.ts";
import type { Lifecycle } from "../../pipeline/lifecycle.ts";
import { openQueues } from "../../pipeline/queues.ts";
import { connectRedis } from "../../redis/connection.ts";
import type { Logger } from "../../telemetry/logger.ts";
import { createModelWatch } from "./model-watch.ts";
import type { OpsParts } from "./ops-parts.ts";
import { createQueueBoard } from "./queue-board.ts";
import { createOpsReader } from "./read-ops.ts";
import { createSampler } from "./sampler.ts";

export interface OpsOptions {
  redisUrl: string;
  /** Where pictures lie between stages. */
  blobs: BlobStore;
  /** HOST:PORT of the model server whose statistics are read. */
  modelServer: string;
  /** Captures older than this expire. */
  deadlineMs: number;
  log: Logger;
  now: () => number;
}

/** A page shall say within two seconds that Redis is away; review itself works without it. */
const answerMs = 2_000;

export interface Ops extends Pick<Lifecycle, "stop"> {
  parts: OpsParts;
  /** Measures, while it runs. */
  sampler: Lifecycle;
}

/** Connects to the pipeline that review stands beside. */
export function openOps({ redisUrl, blobs, modelServer, deadlineMs, log, now }: OpsOptions): Ops {
  const redis = connectRedis(redisUrl, { role: "client", log, overrides: { commandTimeout: answerMs } });
  const queues = openQueues(redis);
  const sampler = createSampler({ redis, models: createModelWatch(modelServer, now), deadlineMs, log, now });
  return {
    parts: { redis, blobs, reader: createOpsReader(redis, now), board: createQueueBoard(queues), deadlineMs },
    sampler,
    async stop() {
      await Promise.race([queues.close(), sleep(answerMs, undefined, { ref: false })]);
      redis.disconnect();
      await blobs.close();
    },
  };
}
