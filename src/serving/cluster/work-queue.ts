/**
 * Keys that need work. A key waits at most once; one that comes while it is worked on is worked on again afterwards,
 * never twice at a time:
 *
 *     absent ──add──► waiting ──► working ──done──► absent
 *        ▲                          │ ├──added meanwhile──► waiting
 *        └── later, by a timer ◄────┘ failed: after its own exponential back-off
 */
import { backOffMs } from "./back-off.ts";

export interface WorkQueue {
  /** Now, or after this time unless it is due earlier anyway. */
  add(key: string, afterMs?: number): void;
  /** Keys that wait now or are worked on. */
  depth(): number;
  /** Takes no more work; resolves when what is under way has ended. */
  stop(): Promise<void>;
}

export interface WorkQueueOptions {
  /** @returns after how many ms the key is to be looked at again; undefined: when something changes */
  work: (key: string) => Promise<number | undefined>;
  concurrency: number;
  /** Called with each failure, before the key waits. */
  onFailure: (key: string, error: unknown, failures: number, retryInMs: number) => void;
  backOff?: { baseMs: number; maxMs: number };
  now?: () => number;
}

/** A key that failed and then changed is tried again after so long. */
const mendedMs = 1_000;

export function createWorkQueue(options: WorkQueueOptions): WorkQueue {
  const { work, concurrency, onFailure, backOff = { baseMs: 100, maxMs: 60_000 }, now = Date.now } = options;
  const waiting = new Set<string>();
  const working = new Map<string, Promise<void>>();
  const again = new Set<string>();
  const failures = new Map<string, number>();
  const timers = new Map<string, { dueAtMs: number; timer: NodeJS.Timeout }>();
  let stopped = false;

  const cancel = (key: string) => {
    clearTimeout(timers.get(key)?.timer);
    timers.delete(key);
  };

  const later = (key: string, afterMs: number) => {
    const dueAtMs = now() + afterMs;
    const planned = timers.get(key);
    if (planned && planned.dueAtMs <= dueAtMs) return;
    cancel(key);
    const timer = setTimeout(() => add(key), afterMs);
    timers.set(key, { dueAtMs, timer });
  };

  const add = (key: string, afterMs = 0) => {
    if (stopped) return;
    if (afterMs > 0) return later(key, afterMs);
    if (working.has(key)) again.add(key);
    else waiting.add(key);
    next();
  };

  const next = () => {
    for (const key of waiting) {
      if (stopped || working.size >= concurrency) return;
      waiting.delete(key);
      cancel(key);
      working.set(key, run(key));
    }
  };

  const run = async (key: string) => {
    // The caller's turn ends first, so that the key is among those that are worked on.
    await Promise.resolve();
    again.delete(key); // What was added since it was taken is seen by this look.
    try {
      const againInMs = await work(key);
      failures.delete(key);
      if (againInMs !== undefined && !stopped) later(key, againInMs);
    } catch (error) {
      const count = (failures.get(key) ?? 0) + 1;
      failures.set(key, count);
      const retryInMs = backOffMs(count, backOff);
      onFailure(key, error, count, retryInMs);
      again.delete(key);
      if (!stopped) later(key, retryInMs);
    }
    working.delete(key);
    if (again.delete(key) && !stopped) waiting.add(key);
    next();
  };

  return {
    add: (key, afterMs) => {
      // What failed may be mended by what changed, but must not be tried in a hot loop.
      add(key, failures.has(key) && !working.has(key) ? Math.max(afterMs ?? 0, mendedMs) : afterMs);
    },
    depth: () => waiting.size + working.size,
    stop: async () => {
      stopped = true;
      for (const key of [...timers.keys()]) cancel(key);
      waiting.clear();
      again.clear();
      await Promise.all(working.values());
    },
  };
}
