import { createInferenceClient } from "../inference/grpc-inference-client.ts";
import { type InferenceClient, InferenceError } from "../inference/inference-client.ts";
import type { Lifecycle } from "../pipeline/lifecycle.ts";
import { createStageWorker, type StageWorkerOptions } from "../pipeline/stage-worker.ts";
import { labelMismatch, modelMismatch } from "../policy/label-mismatch.ts";
import { PolicyError } from "../policy/load-policy.ts";
import type { Policy } from "../policy/policy.ts";
import { createInferStage } from "../workers/infer/infer-stage.ts";
import { withPolicyLabels } from "../workers/infer/policy-labels.ts";
import type { AppContext } from "./context.ts";
import { reloadedPolicy } from "./reloaded-policy.ts";

/** A model server that loads its models meanwhile is waited for so long; then the worker starts, and its captures wait. */
const firstAnswerMs = 10_000;
const askAgainMs = 250;

/**
 * Infer with the policy beside it, so that no picture is scored by a model that lacks a label of the policy.
 * @throws PolicyError where the policy is invalid, or names a model that is not asked
 */
export async function createInferWorker(context: AppContext, options: StageWorkerOptions): Promise<Lifecycle> {
  const { settings, blobs, log } = context;
  const { address, models } = settings.inference;
  const policy = await reloadedPolicy(context.policy, log);
  const wrong = modelMismatch(policy(), models);
  if (wrong) throw new PolicyError(wrong);
  const client = withPolicyLabels(createInferenceClient({ address, log }), policy);
  const worker = createStageWorker(createInferStage({ client, blobs, models }), options);
  const stopping = new AbortController();
  return {
    async start() {
      const limitMs = Date.now() + firstAnswerMs;
      for (const model of models) await checkLabels(client, model, policy(), limitMs, stopping.signal);
      await worker.start();
    },
    async stop() {
      stopping.abort();
      await worker.stop();
    },
    health: worker.health,
  };
}

/** @throws PolicyError where the model answers in time and lacks a label */
async function checkLabels(
  client: InferenceClient,
  model: string,
  policy: Policy,
  limitMs: number,
  signal: AbortSignal,
): Promise<void> {
  while (Date.now() < limitMs && !signal.aborted) {
    const metadata = await client.metadata(model).catch((error: unknown) => {
      if (error instanceof InferenceError) return undefined;
      throw error;
    });
    const wrong = metadata && labelMismatch(policy, model, metadata.labels);
    if (wrong) throw new PolicyError(wrong);
    if (metadata) return;
    await new Promise((resolve) => setTimeout(resolve, askAgainMs));
  }
}
