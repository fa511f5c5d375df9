/**
 * What was written a moment ago, and has perhaps not come back yet: caches are behind the API server, and a controller that
 * believes them writes the same again. After a few seconds they are believed in any case.
 */
export interface RecentWrites {
  /** @param mark of what was written: the same mark, the same content */
  note(id: string, mark: string): void;
  /** Whether this was written so recently that the cache need not have it. */
  has(id: string, mark?: string): boolean;
  /** It has come back. */
  seen(id: string, mark: string): void;
}

const behindMs = 5_000;

export function createRecentWrites(now: () => number): RecentWrites {
  const writes = new Map<string, { mark: string; atMs: number }>();
  const fresh = (id: string) => {
    const write = writes.get(id);
    if (write && now() - write.atMs < behindMs) return write;
    writes.delete(id);
    return undefined;
  };
  return {
    note: (id, mark) => void writes.set(id, { mark, atMs: now() }),
    has: (id, mark) => {
      const write = fresh(id);
      return write !== undefined && (mark === undefined || write.mark === mark);
    },
    seen: (id, mark) => {
      if (writes.get(id)?.mark === mark) writes.delete(id);
    },
  };
}
