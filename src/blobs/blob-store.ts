import type { BlobRef } from "../capture/item.ts";
import type { Allocate } from "../memory/allocate.ts";

/**
 * Short-lived bytes between stages, and evidence. One conformance suite (test/integration/blob-stores.test.ts)
 * holds for every implementation.
 */
export interface BlobStore {
  /**
   * Stores the bytes and gives a reference. `ttlMs` absent: kept until deleted. A `key` is a path of the caller's
   * (`evidence/2026-11-22/abc.jpg`, any characters): putting it again replaces the blob and gives the same reference.
   * Once the promise is fulfilled the store holds on to no bytes of the caller's, who may change them again.
   *
   * @throws BlobError `unavailable` · RangeError for a key with an empty part
   */
  put(bytes: Uint8Array, options?: { ttlMs?: number; key?: string }): Promise<BlobRef>;
  /**
   * @param options.allocate gives the memory to read into; a store whose client has memory of its own does not ask
   * @throws BlobError `missing` when the blob expired or never was, `unavailable` when the store cannot say.
   */
  get(ref: BlobRef, options?: { allocate?: Allocate }): Promise<Uint8Array>;
  /** Deletes what exists; absent ones are no error. */
  delete(refs: readonly BlobRef[]): Promise<void>;
  /** Deletes expired blobs that nobody deleted; gives their number. Stores that expire by themselves give 0. */
  sweep(): Promise<number>;
  close(): Promise<void>;
}

/** `missing`: final. `unavailable`: try again. `foreign`: the reference is not of this store. */
export class BlobError extends Error {
  readonly code: "missing" | "unavailable" | "foreign";
  constructor(code: BlobError["code"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "BlobError";
    this.code = code;
  }
}
