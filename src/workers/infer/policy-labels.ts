import { type InferenceClient, InferenceError } from "../../inference/inference-client.ts";
import { labelMismatch } from "../../policy/label-mismatch.ts";
import type { Policy } from "../../policy/policy.ts";

/**
 * A client whose scores are refused as a bad request where the model lacks a label of the policy: both may change
 * while a worker runs.
 */
export function withPolicyLabels(client: InferenceClient, policy: () => Policy): InferenceClient {
  return {
    ...client,
    async infer(model, tensor, options) {
      const scores = await client.infer(model, tensor, options);
      const wrong = labelMismatch(policy(), model, scores.labels);
      if (wrong) throw new InferenceError("bad-request", wrong);
      return scores;
    },
  };
}
