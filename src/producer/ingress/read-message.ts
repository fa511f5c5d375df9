import type { Message } from "@google-cloud/pubsub";
import type { z } from "zod";
import { Capture } from "../../capture/capture.ts";
import type { Concluded, InFlight } from "../../capture/item.ts";
import { redriveOf } from "../../capture/redrive.ts";

/** What a message is to ingress: a capture for fetch, or no capture, which goes straight to the one exit. */
export type Reading = { kind: "capture"; item: InFlight } | { kind: "invalid"; item: Concluded };

const traceparentPattern = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;
const detailLength = 300;

/**
 * Reads a message of the captures topic.
 * The deadline counts from `capturedAt`, but never from a moment after the publication: a publisher whose clock
 * is ahead must not make its captures live longer. That of a redriven capture counts from its publication, since its
 * picture was taken long ago.
 */
export function readMessage(
  message: Pick<Message, "id" | "data" | "attributes"> & { publishTime: Date },
  options: { ingressId: string; deadlineMs: number; nowMs: number },
): Reading {
  const { ingressId, deadlineMs, nowMs } = options;
  const traceparent = traceparentPattern.test(message.attributes.traceparent ?? "")
    ? message.attributes.traceparent
    : undefined;
  const common = { ingressId, attempt: 0, traceparent, times: { receivedAtMs: nowMs } };

  const parsed = parse(message.data);
  if ("problem" in parsed) {
    const capture = { captureId: `invalid-${message.id}`, attributes: {} };
    const result = {
      kind: "rejected",
      verdict: "unprocessable",
      reason: "invalid-capture",
      detail: parsed.problem,
    } as const;
    return { kind: "invalid", item: { ...common, capture, deadlineAtMs: nowMs + deadlineMs, result } };
  }
  const { capture } = parsed;
  const publishedAtMs = message.publishTime.getTime();
  const takenAtMs = redriveOf in capture.attributes ? Number.POSITIVE_INFINITY : Date.parse(capture.capturedAt);
  const bornAtMs = Math.min(takenAtMs, publishedAtMs || nowMs);
  return { kind: "capture", item: { ...common, capture, deadlineAtMs: bornAtMs + deadlineMs } };
}

function parse(data: Buffer): { capture: Capture } | { problem: string } {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(data));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { problem: `the message of ${data.length} bytes is no JSON in UTF-8: ${why}`.slice(0, detailLength) };
  }
  const parsed = Capture.safeParse(json);
  return parsed.success ? { capture: parsed.data } : { problem: inWords(parsed.error) };
}

function inWords(error: z.ZodError): string {
  const lines = error.issues.map((issue) => `${issue.path.join(".") || "the message"}: ${issue.message}`);
  return lines.join("; ").slice(0, detailLength);
}
