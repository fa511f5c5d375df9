import type { BlobStore } from "../blobs/blob-store.ts";
import type { Policy } from "../policy/policy.ts";
import type { Logger } from "../telemetry/logger.ts";
import type { Db } from "./database/connection.ts";

/** What every part of review works with; tests put their own parts and clock in. */
export interface ReviewContext {
  db: Db;
  log: Logger;
  /** Milliseconds since 1970. */
  now: () => number;
  /** The active policy: its words are shown to moderators. */
  policy: () => Policy;
  evidence: BlobStore;
  timing: ReviewTiming;
}

export interface ReviewTiming {
  /** An incident takes in flagged frames until this long after its last one. */
  windowMs: number;
  leaseMs: number;
  heartbeatMs: number;
  /** Least time between a decision and its leaving; a person may prefer more. */
  undoMs: number;
  severeUndoMs: number;
  /** A skipped incident is not offered to the same person for so long. */
  skipMs: number;
}

export const defaultTiming: ReviewTiming = {
  windowMs: 120_000,
  leaseMs: 120_000,
  heartbeatMs: 20_000,
  undoMs: 10_000,
  severeUndoMs: 3_000,
  skipMs: 1_800_000,
};
