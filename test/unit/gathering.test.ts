import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createGatherer } from "../../src/producer/ingress/gather.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function gather(size: number, windowMs = () => 25) {
  const sent: number[][] = [];
  return { sent, gatherer: createGatherer<number>({ size: () => size, windowMs, send: (batch) => sent.push(batch) }) };
}

describe("a gatherer", () => {
  test("sends a full batch at once", () => {
    const { sent, gatherer } = gather(3);
    for (const thing of [1, 2, 3, 4]) gatherer.add(thing);
    expect(sent).toEqual([[1, 2, 3]]);
  });

  test("sends what there is when the first thing has waited the window, whatever came after it", () => {
    const { sent, gatherer } = gather(16);
    gatherer.add(1);
    vi.advanceTimersByTime(20);
    gatherer.add(2);
    vi.advanceTimersByTime(4);
    expect(sent).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(sent).toEqual([[1, 2]]);
  });

  test("begins a new window after a full batch", () => {
    const { sent, gatherer } = gather(2);
    gatherer.add(1);
    vi.advanceTimersByTime(20);
    gatherer.add(2);
    gatherer.add(3);
    vi.advanceTimersByTime(24);
    expect(sent).toEqual([[1, 2]]);
    vi.advanceTimersByTime(1);
    expect(sent).toEqual([[1, 2], [3]]);
  });

  test("asks for the window as each batch begins, so that it follows the load", () => {
    let windowMs = 150;
    const { sent, gatherer } = gather(16, () => windowMs);
    gatherer.add(1);
    windowMs = 25;
    vi.advanceTimersByTime(149);
    expect(sent).toEqual([]);
    vi.advanceTimersByTime(1);
    gatherer.add(2);
    vi.advanceTimersByTime(25);
    expect(sent).toEqual([[1], [2]]);
  });

  test("sends what it has when flushed, and nothing twice", () => {
    const { sent, gatherer } = gather(16);
    gatherer.flush();
    gatherer.add(1);
    gatherer.flush();
    vi.advanceTimersByTime(1_000);
    expect(sent).toEqual([[1]]);
  });

  test("loses nothing, doubles nothing, keeps the order, and sends no sooner nor later than it should", () => {
    const steps = fc.array(fc.oneof(fc.constant("add" as const), fc.constant("flush" as const), fc.nat(60)));
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 50 }), (script, size, windowMs) => {
        const addedAtMs: number[] = [];
        const sent: number[][] = [];
        let flushing = false;
        const gatherer = createGatherer<number>({
          size: () => size,
          windowMs: () => windowMs,
          send(batch) {
            sent.push(batch);
            const waitedMs = Date.now() - (addedAtMs[Number(batch[0])] ?? Number.NaN);
            if (batch.length < size && !flushing) expect(waitedMs).toBe(windowMs);
            expect(waitedMs).toBeLessThanOrEqual(windowMs);
          },
        });
        for (const step of script) {
          flushing = step === "flush";
          if (step === "add") gatherer.add(addedAtMs.push(Date.now()) - 1);
          else if (step === "flush") gatherer.flush();
          else vi.advanceTimersByTime(step);
        }
        flushing = false;
        vi.advanceTimersByTime(windowMs);
        expect(sent.flat()).toEqual(addedAtMs.map((_, index) => index));
        expect(sent.every((batch) => batch.length > 0 && batch.length <= size)).toBe(true);
      }),
    );
  });
});
