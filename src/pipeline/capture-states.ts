/**
 * The state of each capture, one Redis key per capture:
 *
 *     absent ──claim──► in flight (value: the ingress that submitted it) ──settle──► settled
 *
 * A claim lives only seconds until `queued` confirms that the job is on its queue: an ingress that dies
 * between the two leaves nothing behind that would look like work under way. In flight lives longer than any
 * queueing. Settled lives long enough that a redelivered message is acknowledged at once.
 */
import type { Redis } from "ioredis";
import { keyPrefix } from "./queues.ts";

const claimMs = 10_000;
const settledMs = 180_000;
const settledValue = "settled";

export type CaptureState = "absent" | "in flight" | "settled";

export interface CaptureStates {
  /** Claims the captures that nobody holds; gives each one's state as it was before. */
  claim(captureIds: readonly string[], ingressId: string): Promise<CaptureState[]>;
  /** Says that the claimed captures lie on a queue, for at most `inFlightMs`. */
  queued(captureIds: readonly string[], inFlightMs: number): Promise<void>;
  /** Marks captures settled and tells the ingress processes that hold them. */
  settle(captures: readonly { captureId: string; ingressId: string }[]): Promise<void>;
  states(captureIds: readonly string[]): Promise<CaptureState[]>;
}

export const settlementChannel = (ingressId: string) => `${keyPrefix}:settled:${ingressId}`;

export function captureStates(redis: Redis): CaptureStates {
  return {
    async claim(captureIds, ingressId) {
      const pipeline = redis.pipeline();
      for (const id of captureIds) pipeline.set(keyOf(id), ingressId, "PX", claimMs, "NX", "GET");
      return (await results(pipeline)).map(toState);
    },

    async queued(captureIds, inFlightMs) {
      const pipeline = redis.pipeline();
      for (const id of captureIds) pipeline.pexpire(keyOf(id), inFlightMs, "GT");
      await results(pipeline);
    },

    async settle(captures) {
      const pipeline = redis.pipeline();
      const byIngress = new Map<string, string[]>();
      for (const { captureId, ingressId } of captures) {
        pipeline.set(keyOf(captureId), settledValue, "PX", settledMs);
        byIngress.set(ingressId, [...(byIngress.get(ingressId) ?? []), captureId]);
      }
      for (const [ingressId, ids] of byIngress) pipeline.publish(settlementChannel(ingressId), JSON.stringify(ids));
      await results(pipeline);
    },

    async states(captureIds) {
      if (captureIds.length === 0) return [];
      return (await redis.mget(captureIds.map(keyOf))).map(toState);
    },
  };
}

const keyOf = (captureId: string) => `${keyPrefix}:capture:${captureId}`;

function toState(value: unknown): CaptureState {
  if (value === null) return "absent";
  return value === settledValue ? "settled" : "in flight";
}

async function results(pipeline: ReturnType<Redis["pipeline"]>): Promise<unknown[]> {
  const replies = (await pipeline.exec()) ?? [];
  return replies.map(([error, value]) => {
    if (error) throw error;
    return value;
  });
}
