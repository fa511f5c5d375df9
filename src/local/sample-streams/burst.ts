/** For some seconds, once, the streams publish many times as much. */
export interface Burst {
  times: number;
  afterMs: number;
  forMs: number;
}

/** Captures that are due so long after the start, of streams that publish so many a second together. */
export function capturesDue(elapsedMs: number, perSecond: number, burst?: Burst): number {
  const inBurstMs = burst ? Math.max(0, Math.min(elapsedMs - burst.afterMs, burst.forMs)) : 0;
  const extraMs = inBurstMs * ((burst?.times ?? 1) - 1);
  return Math.floor(((elapsedMs + extraMs) / 1000) * perSecond) + 1;
}
