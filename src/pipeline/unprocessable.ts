/**
 * The captures that could not be processed, the last 2,000 of a day, newest first, in a Redis list: what people look at
 * to find out why, and what is redriven.
 */
import { createHash } from "node:crypto";
import type { ChainableCommander, Redis } from "ioredis";
import { z } from "zod";
import { BlobRef } from "../capture/item.ts";
import type { Verdict } from "../capture/verdict.ts";
import { keyPrefix } from "./queues.ts";

const mostRemembered = 2_000;
const key = `${keyPrefix}:unprocessable`;
const lifetimeS = 24 * 3600;
/** 64 attributes may hold 72 KB; a flood of such captures must not fill Redis. */
const maxAttributeBytes = 8_192;
const maxDetailLength = 500;

export const Unprocessable = z.object({
  /** Of the failure: safe in addresses, and another one when the same capture fails again. */
  id: z.string(),
  captureId: z.string(),
  streamId: z.string().nullable(),
  capturedAt: z.string().nullable(),
  imageUri: z.string().nullable(),
  /** null: too large to be remembered. */
  attributes: z.record(z.string(), z.string()).nullable(),
  reason: z.string(),
  detail: z.string().nullable(),
  failedAtMs: z.number(),
  /** In the blob store, until it expires there; null: there was none, or too many failed at once. */
  picture: z.object({ blob: BlobRef, untilMs: z.number() }).nullable(),
});
export type Unprocessable = z.infer<typeof Unprocessable>;

export function unprocessableOf(verdict: Verdict, picture: Unprocessable["picture"]): Unprocessable {
  const { captureId, streamId, capturedAt, imageUri, attributes, reason, detail, decidedAtMs } = verdict;
  const id = createHash("sha256").update(`${captureId}\0${decidedAtMs}`).digest("base64url").slice(0, 22);
  const small = Buffer.byteLength(JSON.stringify(attributes)) <= maxAttributeBytes;
  return {
    id,
    captureId,
    streamId,
    capturedAt,
    imageUri,
    attributes: small ? attributes : null,
    reason: reason ?? "internal",
    detail: detail?.slice(0, maxDetailLength).toWellFormed() ?? null,
    failedAtMs: decidedAtMs,
    picture,
  };
}

/** @param captures oldest first */
export function addUnprocessable(pipeline: ChainableCommander, captures: readonly Unprocessable[]): void {
  if (captures.length === 0) return;
  pipeline.lpush(key, ...captures.map((capture) => JSON.stringify(capture)));
  pipeline.ltrim(key, 0, mostRemembered - 1).expire(key, lifetimeS);
}

/** Newest first. Entries of another version, which say other things, are passed over. */
export async function readUnprocessable(redis: Redis): Promise<Unprocessable[]> {
  const texts = await redis.lrange(key, 0, mostRemembered - 1);
  return texts.flatMap((text) => Unprocessable.safeParse(JSON.parse(text)).data ?? []);
}
