import type { InferenceClient } from "./inference-client.ts";
import { type TensorSpec, tensorSpecOf } from "./tensor-spec.ts";

/** What the models ask for, models of one specification once. The client keeps the metadata for some seconds. */
export function createSpecSource(
  client: InferenceClient,
  models: readonly string[],
): () => Promise<readonly TensorSpec[]> {
  return async () => {
    const specs = (await Promise.all(models.map((model) => client.metadata(model)))).map(tensorSpecOf);
    return [...new Map(specs.map((spec) => [spec.key, spec])).values()];
  };
}
