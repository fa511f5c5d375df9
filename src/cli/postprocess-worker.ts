import { openBlobStore } from "../blobs/open-blob-store.ts";
import { captureStates } from "../pipeline/capture-states.ts";
import type { Lifecycle } from "../pipeline/lifecycle.ts";
import { repeat } from "../pipeline/repeat.ts";
import { createStageWorker, type StageWorkerOptions } from "../pipeline/stage-worker.ts";
import { connectRedis } from "../redis/connection.ts";
import { createPostprocessStage } from "../workers/postprocess/postprocess-stage.ts";
import { createStreamMemory } from "../workers/postprocess/stream-memory.ts";
import { createVerdictPublisher } from "../workers/postprocess/verdict-publisher.ts";
import { createVerdictTally } from "../workers/postprocess/verdict-tally.ts";
import type { AppContext } from "./context.ts";
import { reloadedPolicy } from "./reloaded-policy.ts";

const sweepMs = 60_000;
/** For the last counts, of a Redis that may be away. */
const tallyMs = 1_000;

/**
 * Postprocess holds more than its stage: the policy, read again on SIGHUP, and the verdicts topic.
 * @throws PolicyError
 */
export async function createPostprocessWorker(context: AppContext, options: StageWorkerOptions): Promise<Lifecycle> {
  const { settings, blobs, log } = context;
  const policy = await reloadedPolicy(context.policy, log);
  const redis = connectRedis(settings.redisUrl, { role: "client", log });
  const verdicts = createVerdictPublisher({ project: settings.pubsub.project, topic: settings.pubsub.verdictsTopic });
  const evidence = openBlobStore(settings.blobs.evidenceUrl, { log });
  const tally = createVerdictTally({ redis, log, blobTtlMs: settings.blobs.ttlMs });
  const stage = createPostprocessStage({
    policy,
    blobs,
    evidence,
    verdicts,
    states: captureStates(redis),
    streams: createStreamMemory(redis),
    tally,
  });
  const worker = createStageWorker(stage, options);
  let stopSweeping: (() => void) | undefined;
  return {
    async start() {
      await worker.start();
      tally.start();
      // Blobs that nobody deleted: of batches whose worker died, and of captures that were settled elsewhere.
      stopSweeping = repeat(sweepMs, async () => void (await blobs.sweep()), log);
    },
    async stop() {
      stopSweeping?.();
      await worker.stop();
      await Promise.all([verdicts.close(), within(tallyMs, tally.stop())]);
      redis.disconnect();
    },
    health: worker.health,
  };
}

const within = (limitMs: number, work: Promise<void>) =>
  Promise.race([work, new Promise<void>((resolve) => setTimeout(resolve, limitMs).unref())]);
