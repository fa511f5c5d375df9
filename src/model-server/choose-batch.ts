/** What the scheduler knows of a waiting request. */
export interface WaitingRequest {
  rows: number;
  /** Only requests of equal shapes can share a batch. */
  shape: string;
  /** Since when it waits, in milliseconds of a monotonic clock. */
  sinceMs: number;
}

export interface BatchingPolicy {
  /** Rows of the largest batch; 0: requests are never joined. */
  maxRows: number;
  /** Batches of these sizes start at once. */
  preferredRows: readonly number[];
  /** How long the first request may wait for others to fill a batch. */
  maxDelayMs: number;
}

/**
 * Triton's rule for dynamic batching: the largest preferred size that the queue's head can form, or, when no more
 * fits or the first request has waited long enough, all that fits.
 * @returns how many requests from the head of the queue form the next batch, or in how many milliseconds to ask again
 */
export function chooseBatch(
  queue: readonly WaitingRequest[],
  policy: BatchingPolicy,
  nowMs: number,
): { requests: number } | { waitMs: number } | undefined {
  const [first] = queue;
  if (!first) return undefined;
  if (policy.maxRows === 0) return { requests: 1 };

  let rows = 0;
  let requests = 0;
  let preferred = 0;
  for (const request of queue) {
    if (request.shape !== first.shape || rows + request.rows > policy.maxRows) break;
    rows += request.rows;
    requests++;
    if (policy.preferredRows.includes(rows)) preferred = requests;
  }
  if (preferred > 0) return { requests: preferred };
  const canGrow = requests === queue.length && rows < policy.maxRows;
  const waitMs = first.sinceMs + policy.maxDelayMs - nowMs;
  return canGrow && waitMs > 0 ? { waitMs } : { requests: Math.max(1, requests) };
}
