import type { Redis } from "ioredis";
import type { BlobStore } from "../../blobs/blob-store.ts";
import type { QueueBoard } from "./queue-board.ts";
import type { OpsReader } from "./read-ops.ts";

/** What the ops routes work with, beside what all of review has. */
export interface OpsParts {
  /** Commands fail when it does not answer, rather than wait. */
  redis: Redis;
  /** Where pictures lie between stages. */
  blobs: BlobStore;
  reader: OpsReader;
  board: QueueBoard;
  /** Captures older than this expire. */
  deadlineMs: number;
}
