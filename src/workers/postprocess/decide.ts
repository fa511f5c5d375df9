import type { Concluded } from "../../capture/item.ts";
import type { Verdict } from "../../capture/verdict.ts";
import { evaluate } from "../../policy/evaluate.ts";
import type { Policy } from "../../policy/policy.ts";
import { isSampled } from "../../policy/sampling.ts";
import type { StreamFrame } from "../../policy/sustained.ts";

/**
 * The verdict on a concluded capture, evidence still to be kept. Pure.
 * @param frames what is remembered of its stream, itself included
 */
export function decide(item: Concluded, policy: Policy, nowMs: number, frames: readonly StreamFrame[] = []): Verdict {
  const { capture, result } = item;
  const { captureId } = capture;
  const findings = result.kind === "scored" ? evaluate(policy, result.scores, { captureId, frames }) : [];
  const verdict = result.kind === "rejected" ? result.verdict : findings.length > 0 ? "flagged" : "clean";
  const sampled = verdict === "clean" && isSampled(captureId, policy.sampleShare);
  return {
    schemaVersion: 1,
    captureId,
    streamId: capture.streamId ?? null,
    capturedAt: capture.capturedAt ?? null,
    imageUri: capture.imageUri ?? null,
    attributes: capture.attributes ?? {},
    verdict,
    reason: result.kind === "rejected" ? result.reason : null,
    detail: result.kind === "rejected" ? (result.detail ?? null) : null,
    findings,
    scores: result.kind === "scored" ? result.scores : [],
    policyVersion: policy.version,
    review: verdict === "flagged" ? "flagged" : sampled ? "sampled" : "none",
    evidence: null,
    thumbnail: null,
    width: item.size?.width ?? null,
    height: item.size?.height ?? null,
    times: item.times,
    decidedAtMs: nowMs,
  };
}
