/**
 * Captures that ops sends through the pipeline again. Each is a capture of its own, with an id made of the old one and of
 * when that failed: so there is still one verdict per id, nothing that remembers the old id (a settled key, a consumer)
 * takes the new verdict for a repetition, and a redrive that is asked for twice is published under one id.
 */
import { createHash } from "node:crypto";
import type { Capture } from "./capture.ts";

/** Attribute with the id of the capture that this one is the redrive of. Its deadline counts from its publication. */
export const redriveOf = "briareus.redriveOf";

const maxIdLength = 256;

/** The capture that is published in the place of one that failed. */
export function redriven(capture: Capture, failedAtMs: number): Capture {
  const original = capture.attributes[redriveOf] ?? capture.captureId;
  return {
    ...capture,
    captureId: idOf(original, failedAtMs),
    attributes: { ...capture.attributes, [redriveOf]: original },
  };
}

function idOf(original: string, failedAtMs: number): string {
  const suffix = `~${failedAtMs.toString(36)}`;
  if (original.length + suffix.length <= maxIdLength) return original + suffix;
  return `${createHash("sha256").update(original).digest("base64url")}${suffix}`;
}
