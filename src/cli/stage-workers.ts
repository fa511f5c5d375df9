/**
 * The worker of each stage with what it needs. Imports are made on demand: a fetch process has no use for the
 * memory of an image decoder or of the Pub/Sub client.
 */
import type { Lifecycle } from "../pipeline/lifecycle.ts";
import { createStageWorker } from "../pipeline/stage-worker.ts";
import type { StageName } from "../pipeline/stages.ts";
import type { AppContext } from "./context.ts";

/** @throws PolicyError for an infer or postprocess worker whose policy is invalid or does not fit the models */
export function createWorker(stage: StageName, context: AppContext): Promise<Lifecycle> {
  return makers[stage](context);
}

const makers: Record<StageName, (context: AppContext) => Promise<Lifecycle>> = {
  async fetch(context) {
    const { createFetchStage } = await import("../workers/fetch/fetch-stage.ts");
    const { settings, blobs } = context;
    return createStageWorker(
      createFetchStage({ limits: settings.fetch, blobs, blobTtlMs: settings.blobs.ttlMs }),
      options(context),
    );
  },

  async preprocess(context) {
    const { createPreprocessStage } = await import("../workers/preprocess/preprocess-stage.ts");
    const { createInferenceClient } = await import("../inference/grpc-inference-client.ts");
    const { createSpecSource } = await import("../inference/spec-source.ts");
    const { settings, blobs } = context;
    const specs = createSpecSource(
      createInferenceClient({ address: settings.inference.address }),
      settings.inference.models,
    );
    const stage = createPreprocessStage({
      blobs,
      specs,
      ...settings.preprocess,
      blobTtlMs: settings.blobs.ttlMs,
    });
    return createStageWorker(stage, options(context));
  },

  async infer(context) {
    const { createInferWorker } = await import("./infer-worker.ts");
    return createInferWorker(context, options(context));
  },

  async postprocess(context) {
    const { createPostprocessWorker } = await import("./postprocess-worker.ts");
    return createPostprocessWorker(context, options(context));
  },
};

function options({ settings, log }: AppContext) {
  const { concurrency, drainMs } = settings.worker;
  return { redisUrl: settings.redisUrl, log, concurrency, drainMs };
}
