import fc from "fast-check";
import { expect, test } from "vitest";
import { createBufferPool } from "../../src/memory/buffer-pool.ts";

const megabyte = 1024 * 1024;

test("a buffer is long enough, and lent to one at a time", () => {
  const step = fc.record({ bytes: fc.integer({ min: 1, max: 8 * megabyte }), giveBack: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const pool = createBufferPool(8 * megabyte);
      const lent = new Set<Buffer>();
      for (const { bytes, giveBack } of steps) {
        const buffer = pool.lend(bytes);
        expect(buffer.length).toBeGreaterThanOrEqual(bytes);
        expect(lent.has(buffer)).toBe(false);
        if (giveBack) pool.giveBack(buffer);
        else lent.add(buffer);
      }
    }),
    { numRuns: 30 },
  );
});

test("a buffer that was given back is lent again, unless enough are kept", () => {
  const pool = createBufferPool(megabyte);
  const buffers = Array.from({ length: 4 }, () => pool.lend(400_000));
  for (const buffer of buffers) pool.giveBack(buffer);
  const again = new Set(Array.from({ length: 4 }, () => pool.lend(300_000)));
  expect(buffers.filter((buffer) => again.has(buffer))).toHaveLength(2);
});

test("a buffer too large to keep is as long as asked for", () => {
  expect(createBufferPool(64 * megabyte).lend(20 * megabyte).length).toBe(20 * megabyte);
});

test("a loan's buffers are as long as asked for, and go back together", () => {
  const pool = createBufferPool(8 * megabyte);
  const loan = pool.loan();
  const taken = [loan.take(100_000), loan.take(300_000), loan.take(0)];
  expect(taken.map((buffer) => buffer.length)).toEqual([100_000, 300_000, 0]);
  expect(pool.lend(100_000).buffer).not.toBe(taken[0]?.buffer);
  loan.end();
  loan.end();
  expect(pool.lend(100_000).buffer).toBe(taken[0]?.buffer);
  expect(pool.lend(100_000).buffer).not.toBe(taken[0]?.buffer);
});
