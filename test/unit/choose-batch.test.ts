import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type BatchingPolicy, chooseBatch, type WaitingRequest } from "../../src/model-server/choose-batch.ts";

const policy: BatchingPolicy = { maxRows: 16, preferredRows: [4, 8], maxDelayMs: 2 };
const waiting = (rows: number, sinceMs = 0, shape = "a"): WaitingRequest => ({ rows, sinceMs, shape });

describe("dynamic batching", () => {
  test("starts the largest preferred batch that the queue can form, at once", () => {
    expect(
      chooseBatch(
        [2, 2, 1, 3, 1].map((rows) => waiting(rows)),
        policy,
        0,
      ),
    ).toEqual({ requests: 4 });
  });

  test("waits for more until the first request has waited long enough", () => {
    expect(chooseBatch([waiting(1), waiting(2, 1)], policy, 0.5)).toEqual({ waitMs: 1.5 });
    expect(chooseBatch([waiting(1), waiting(2, 1)], policy, 2)).toEqual({ requests: 2 });
  });

  test("does not wait when the next request does not fit", () => {
    expect(chooseBatch([waiting(11), waiting(6)], policy, 0)).toEqual({ requests: 1 });
  });

  test("keeps requests of different shapes apart", () => {
    expect(chooseBatch([waiting(1), waiting(1, 0, "b"), waiting(2)], policy, 0)).toEqual({ requests: 1 });
  });

  test("takes requests one by one where the model is not batched", () => {
    expect(chooseBatch([waiting(1), waiting(1)], { ...policy, maxRows: 0 }, 0)).toEqual({ requests: 1 });
  });

  test("never exceeds the largest batch, never passes over the head, and never waits beyond the delay", () => {
    const queue = fc.array(
      fc.record({ rows: fc.integer({ min: 1, max: 16 }), sinceMs: fc.nat(20), shape: fc.constantFrom("a", "b") }),
      { minLength: 1, maxLength: 40 },
    );
    fc.assert(
      fc.property(queue, fc.nat(30), (requests, nowMs) => {
        const choice = chooseBatch(requests, policy, nowMs);
        if (!choice) return false;
        if ("waitMs" in choice) return choice.waitMs > 0 && choice.waitMs <= policy.maxDelayMs + 20;
        const batch = requests.slice(0, choice.requests);
        const rows = batch.reduce((sum, request) => sum + request.rows, 0);
        return batch.length >= 1 && rows <= policy.maxRows && new Set(batch.map(({ shape }) => shape)).size === 1;
      }),
    );
  });
});
