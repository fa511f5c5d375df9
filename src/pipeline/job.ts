import { createHash, randomUUID } from "node:crypto";
import { z } from "zod";
import type { InFlight } from "../capture/item.ts";

/** Version of the job payload. Workers refuse others, so old and new ones can run together. */
export const jobVersion = 1;

/** What every job holds, whatever its stage; the stage's own schema parses the items. */
export const BatchJob = z.object({
  v: z.literal(jobVersion),
  batchId: z.string(),
  items: z.array(z.unknown()).min(1),
});

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
