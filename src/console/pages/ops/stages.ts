import type { OpsStage } from "../../../review/contract/ops.ts";

/** The pools in the order in which captures pass them. */
export const stages = ["fetch", "preprocess", "infer", "postprocess"] as const satisfies OpsStage[];
