/** How many verdicts of each kind and reason there were lately: Redis hashes of ten seconds each, for an hour. */
import type { ChainableCommander, Redis } from "ioredis";
import { z } from "zod";
import { type VerdictKind, verdictKinds } from "../capture/verdict.ts";
import { keyPrefix } from "./queues.ts";

const bucketMs = 10_000;
const lifetimeS = 3_700;

const keyOf = (bucket: number) => `${keyPrefix}:verdicts:${bucket}`;

export interface VerdictCount {
  verdict: VerdictKind;
  /** null: clean and flagged ones need none. */
  reason: string | null;
  count: number;
}

export function addVerdictCounts(pipeline: ChainableCommander, counts: readonly VerdictCount[], nowMs: number): void {
  if (counts.length === 0) return;
  const key = keyOf(Math.floor(nowMs / bucketMs));
  for (const { verdict, reason, count } of counts) pipeline.hincrby(key, `${verdict} ${reason ?? ""}`, count);
  pipeline.expire(key, lifetimeS);
}

const Bucket = z.record(z.string(), z.coerce.number());

/** The counts of the last `windowMs`, to ten seconds. @throws Error when Redis does not answer */
export async function readVerdictCounts(redis: Redis, windowMs: number, nowMs: number): Promise<VerdictCount[]> {
  const newest = Math.floor(nowMs / bucketMs);
  const pipeline = redis.pipeline();
  for (let bucket = newest - Math.floor(windowMs / bucketMs); bucket <= newest; bucket++)
    pipeline.hgetall(keyOf(bucket));
  const sums = new Map<string, number>();
  for (const [error, counts] of (await pipeline.exec()) ?? []) {
    if (error) throw error;
    for (const [field, count] of Object.entries(Bucket.parse(counts))) sums.set(field, (sums.get(field) ?? 0) + count);
  }
  return [...sums].flatMap(([field, count]) => {
    const [kind, reason] = field.split(" ");
    const verdict = verdictKinds.find((each) => each === kind);
    return verdict ? [{ verdict, reason: reason || null, count }] : [];
  });
}
