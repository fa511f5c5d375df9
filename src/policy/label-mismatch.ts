import type { Policy } from "./policy.ts";

/**
 * What is wrong between a policy and a model, in words with both lists; undefined where the model has every label that
 * the policy names for it. A label that no model scores would never be a finding: all would seem clean.
 */
export function labelMismatch(policy: Policy, model: string, labels: readonly string[]): string | undefined {
  const named = labelsNamed(policy)
    .filter((each) => each.model === model)
    .map(({ label }) => label);
  const unknown = [...new Set(named)].filter((label) => !labels.includes(label));
  if (unknown.length === 0) return undefined;
  return (
    `the policy "${policy.version}" names ${unknown.join(", ")} of model "${model}", ` +
    `whose labels are ${labels.join(", ")}: mend the policy, or the labels in the model's config.pbtxt`
  );
}

/** The same for models that nobody asks; undefined where `models` has all that the policy names. */
export function modelMismatch(policy: Policy, models: readonly string[]): string | undefined {
  const unasked = [...new Set(labelsNamed(policy).map(({ model }) => model))].filter((each) => !models.includes(each));
  if (unasked.length === 0) return undefined;
  return (
    `the policy "${policy.version}" names labels of ${unasked.join(", ")}, and captures are scored by ` +
    `${models.join(", ")}: mend the policy, or BRIAREUS_MODELS`
  );
}

const labelsNamed = (policy: Policy) => Object.values(policy.categories).flatMap(({ labels }) => labels);
