import { BlobError } from "../../blobs/blob-store.ts";
import type { Preprocessed } from "../../capture/item.ts";
import type { ReasonCode } from "../../capture/reasons.ts";
import { InferenceError } from "../../inference/inference-client.ts";
import type { Outcome, StageContext } from "../../pipeline/stage.ts";

const reasons = {
  overloaded: "model-overloaded",
  unavailable: "model-unavailable",
  "bad-request": "model-bad-request",
  deadline: "model-timeout",
} as const satisfies Record<InferenceError["code"], ReasonCode>;

/**
 * What becomes of a capture whose batch could not be scored. An error that is none of the model server's, of the
 * blob store's or the worker's own stop is a bug, and thrown on.
 */
export function outcomeOfFailure(error: unknown, item: Preprocessed, context: StageContext): Outcome<never> {
  if (context.signal.aborted) return { kind: "retry", reason: "worker-stopping", free: true };
  const detail = error instanceof Error ? error.message : String(error);
  if (error instanceof BlobError) return { kind: "retry", reason: "blob-store-unavailable", detail };
  if (!(error instanceof InferenceError)) throw error;
  const isLate = context.now() >= item.deadlineAtMs;
  if (isLate && error.code !== "bad-request")
    return { kind: "reject", verdict: "expired", reason: "deadline-exceeded", detail };
  return { kind: "retry", reason: reasons[error.code], detail, free: error.code === "unavailable" };
}
