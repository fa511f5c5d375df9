import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createWorkQueue, type WorkQueueOptions } from "../../../src/serving/cluster/work-queue.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function queueOf(options: Partial<WorkQueueOptions>) {
  const done: string[] = [];
  const retries: number[] = [];
  const queue = createWorkQueue({
    work: async (key) => {
      done.push(key);
      return undefined;
    },
    concurrency: 2,
    onFailure: (_key, _error, _failures, retryInMs) => void retries.push(retryInMs),
    backOff: { baseMs: 100, maxMs: 10_000 },
    ...options,
  });
  return { queue, done, retries };
}

describe("the work queue", () => {
  test("works on a key once, however often it was added while it waited", async () => {
    const { queue, done } = queueOf({});
    for (let times = 0; times < 5; times += 1) queue.add("a");
    await vi.advanceTimersByTimeAsync(0);
    expect(done).toEqual(["a"]);
  });

  test("works again on a key that was added while it was worked on, never twice at a time", async () => {
    const gates: (() => void)[] = [];
    let atATime = 0;
    let most = 0;
    const { queue } = queueOf({
      work: async () => {
        atATime += 1;
        most = Math.max(most, atATime);
        await new Promise<void>((go) => gates.push(go));
        atATime -= 1;
        return undefined;
      },
    });
    queue.add("a");
    await vi.advanceTimersByTimeAsync(0);
    queue.add("a");
    queue.add("a");
    gates[0]?.();
    await vi.advanceTimersByTimeAsync(0);
    expect(gates).toHaveLength(2);
    gates[1]?.();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(gates).toHaveLength(2);
    expect(most).toBe(1);
  });

  test("waits longer after each failure, at most its limit, and forgets after a success", async () => {
    let fails = true;
    const { queue, retries } = queueOf({
      work: async () => {
        if (fails) throw new Error("no");
        return undefined;
      },
    });
    queue.add("a");
    await vi.advanceTimersByTimeAsync(60_000);
    for (const [index, retry] of retries.entries()) {
      const ceiling = Math.min(10_000, 100 * 2 ** index);
      expect(retry).toBeGreaterThanOrEqual(ceiling / 2);
      expect(retry).toBeLessThanOrEqual(ceiling);
    }
    expect(retries.length).toBeGreaterThan(8);
    fails = false;
    await vi.advanceTimersByTimeAsync(20_000);
    fails = true;
    const known = retries.length;
    queue.add("a");
    await vi.advanceTimersByTimeAsync(0);
    expect(retries[known]).toBeLessThanOrEqual(100);
  });

  test("tries a key that failed soon after it changed, but not in a hot loop", async () => {
    let tries = 0;
    const { queue } = queueOf({
      work: async () => {
        tries += 1;
        throw new Error("no");
      },
      backOff: { baseMs: 60_000, maxMs: 60_000 },
    });
    queue.add("a");
    await vi.advanceTimersByTimeAsync(0);
    for (let times = 0; times < 100; times += 1) queue.add("a");
    await vi.advanceTimersByTimeAsync(999);
    expect(tries).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(tries).toBe(2);
  });

  test("looks again after the time that the work asks for, and earlier when something changes", async () => {
    const { queue, done } = queueOf({
      work: async (key) => {
        done.push(key);
        return 5_000;
      },
    });
    queue.add("a");
    await vi.advanceTimersByTimeAsync(4_999);
    queue.add("a");
    await vi.advanceTimersByTimeAsync(4_999);
    expect(done).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(1);
    expect(done).toHaveLength(3);
    await queue.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(done).toHaveLength(3);
  });

  test("works on so many keys at a time and no more", async () => {
    const started: string[] = [];
    const { queue } = queueOf({
      work: (key) => {
        started.push(key);
        return new Promise(() => undefined);
      },
    });
    for (const key of ["a", "b", "c"]) queue.add(key);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(started).toEqual(["a", "b"]);
    expect(queue.depth()).toBe(3);
  });
});
