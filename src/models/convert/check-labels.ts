import { labelMismatch } from "../../policy/label-mismatch.ts";
import type { Policy } from "../../policy/policy.ts";
import { ConversionError } from "./conversion-error.ts";

/** @throws ConversionError when there are not as many labels as scores, or they cannot be told apart */
export function checkLabels(labels: readonly string[], classes: number, model: string): void {
  const list = labels.join(", ");
  const twice = labels.find((label, index) => labels.indexOf(label) !== index);
  if (twice !== undefined) throw new ConversionError(`the label "${twice}" is there more than once (${list})`);
  const odd = labels.find((label) => label.includes(",") || label.trim() !== label || label === "");
  if (odd !== undefined)
    throw new ConversionError(
      `the label "${odd}" must have no comma, and no space at its ends: config.pbtxt lists them by commas`,
    );
  if (labels.length !== classes)
    throw new ConversionError(`${model} gives ${classes} scores, and there are ${labels.length} labels (${list})`);
}

/** @throws ConversionError when the policy names a label that the model would not have */
export function checkPolicy(policy: Policy | undefined, model: string, labels: readonly string[]): void {
  const wrong = policy && labelMismatch(policy, model, labels);
  if (wrong) throw new ConversionError(wrong);
}
