import { createHash, randomUUID } from "node:crypto";
import { z } from "zod";
import type { InFlight } from "../capture/item.ts";

/**
 * Version of the job payload. A field that is added later is optional and leaves the version as it is; anything else
 * raises it, and workers of this version leave such jobs to newer ones. `v` and `items[].capture.captureId` stay
 * where they are in every version.
 */
export const jobVersion = 1;

/** What every job holds, whatever its stage; the stage's own schema parses the items. */
const BatchPayload = z.object({
  v: z.literal(jobVersion),
  batchId: z.string(),
  items: z.array(z.unknown()).min(1),
});

const NewerPayload = z.object({ v: z.int().gt(jobVersion), items: z.unknown() });
const CaptureIds = z.array(z.object({ capture: z.object({ captureId: z.string() }) })).min(1);

export type JobReading<Item> =
  | { kind: "batch"; batchId: string; items: Item[] }
  /** Of a version that only newer workers know. @property captureIds empty where they cannot be read */
  | { kind: "newer"; version: number; captureIds: string[] }
  | { kind: "invalid"; problem: string };

/** What a job's payload is to a worker of this version. */
export function readJob<Item>(payload: unknown, Items: z.ZodType<Item[]>): JobReading<Item> {
  const newer = NewerPayload.safeParse(payload).data;
  if (newer) {
    const ids = CaptureIds.safeParse(newer.items).data ?? [];
    return { kind: "newer", version: newer.v, captureIds: ids.map(({ capture }) => capture.captureId) };
  }
  const batch = BatchPayload.safeParse(payload);
  if (!batch.success) return { kind: "invalid", problem: `no batch of version ${jobVersion}: ${batch.error.message}` };
  const items = Items.safeParse(batch.data.items);
  if (!items.success) return { kind: "invalid", problem: `an invalid capture: ${items.error.message}` };
  return { kind: "batch", batchId: batch.data.batchId, items: items.data };
}

export interface BatchJob<Item> {
  v: typeof jobVersion;
  batchId: string;
  items: readonly Item[];
}

/** A batch as it is put on a queue. */
export interface NewBatch<Item> {
  batchId: string;
  items: readonly Item[];
  delayMs?: number;
}

/** What all items share: enough to route and fence them. */
export type AnyItem = Pick<InFlight, "times" | "deadlineAtMs" | "attempt" | "ingressId" | "traceparent"> & {
  capture: { captureId: string };
};

/** BullMQ refuses ids that hold ":" or are all digits. */
export function newBatchId(): string {
  return `b-${randomUUID()}`;
}

/** The id of a part of a batch: the same captures give the same id, so that a repeated hand-off adds nothing. */
export function partId(batchId: string, items: readonly AnyItem[], purpose: string): string {
  const hash = createHash("sha1");
  for (const item of items) hash.update(item.capture.captureId).update("\0");
  return `${batchId.slice(0, 38)}-${purpose}-${hash.digest("base64url").slice(0, 12)}`;
}
