import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createCircuitBreaker } from "../../src/inference/circuit-breaker.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A server that is up or away, and how often it was asked. */
function server() {
  const asked: number[] = [];
  const state = { up: false, asked };
  const probe = async () => {
    asked.push(Date.now());
    if (!state.up) throw new Error("connection refused");
    return true;
  };
  return { state, probe };
}

describe("the circuit breaker", () => {
  test("lets requests pass until the server fails, and again once a probe is answered", async () => {
    const { state, probe } = server();
    const breaker = createCircuitBreaker({ probe });
    expect(await breaker.whenClosed({ untilMs: Date.now() + 1 })).toBe(true);
    breaker.failed("refused");
    expect(breaker.state).toBe("open");
    const waiting = breaker.whenClosed({ untilMs: Date.now() + 60_000 });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(breaker.state).toBe("open");
    state.up = true;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await waiting).toBe(true);
    expect(breaker.state).toBe("closed");
  });

  test("probes at once, then ever more rarely, at least once a second", async () => {
    const { state, probe } = server();
    const breaker = createCircuitBreaker({ probe });
    const openedAtMs = Date.now();
    breaker.failed("refused");
    await vi.advanceTimersByTimeAsync(4_000);
    expect(state.asked.map((atMs) => atMs - openedAtMs)).toEqual([0, 250, 750, 1750, 2750, 3750]);
    breaker.stop();
  });

  test("does not probe at full speed a server that answers probes but fails every request", async () => {
    const { state, probe } = server();
    state.up = true;
    const breaker = createCircuitBreaker({ probe });
    for (let second = 0; second < 10; second++) {
      breaker.failed("model not ready");
      await vi.advanceTimersByTimeAsync(1_000);
      expect(breaker.state).toBe("closed");
    }
    expect(state.asked).toHaveLength(10);
    breaker.failed("model not ready");
    await vi.advanceTimersByTimeAsync(900);
    expect(breaker.state).toBe("open");
    await vi.advanceTimersByTimeAsync(100);
    breaker.succeeded();
    breaker.failed("gone again after a success");
    await vi.advanceTimersByTimeAsync(0);
    expect(breaker.state).toBe("closed");
  });

  test("tells those who wait no longer: past their time, aborted, or stopped", async () => {
    const { probe } = server();
    const breaker = createCircuitBreaker({ probe });
    breaker.failed("refused");
    const abort = new AbortController();
    const late = breaker.whenClosed({ untilMs: Date.now() + 300 });
    const aborted = breaker.whenClosed({ untilMs: Date.now() + 60_000, signal: abort.signal });
    const stopped = breaker.whenClosed({ untilMs: Date.now() + 60_000 });
    await vi.advanceTimersByTimeAsync(300);
    expect(await late).toBe(false);
    abort.abort();
    expect(await aborted).toBe(false);
    breaker.stop();
    expect(await stopped).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("reports each outage once, with its length", async () => {
    const { state, probe } = server();
    const onOpen = vi.fn();
    const onClose = vi.fn();
    const breaker = createCircuitBreaker({ probe, onOpen, onClose });
    breaker.failed("first");
    breaker.failed("second");
    await vi.advanceTimersByTimeAsync(0);
    state.up = true;
    await vi.advanceTimersByTimeAsync(250);
    expect(onOpen.mock.calls).toEqual([["first"]]);
    expect(onClose.mock.calls).toEqual([[250]]);
  });
});
