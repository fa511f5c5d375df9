/** Things wait in it and are taken off in batches, by one taker. */
export interface BatchQueue<T> {
  add(thing: T): void;
  /** Puts back, in front, what could not be dealt with. */
  putBack(things: readonly T[]): void;
  /**
   * Resolves with the next batch: as soon as `limit` things or `limitBytes` wait, or when the window is over. Always at
   * least one thing, but for an aborted wait.
   */
  take(limit: number, signal: AbortSignal): Promise<T[]>;
  /** Empties it. */
  drain(): T[];
}

export function createBatchQueue<T>(options: {
  windowMs: number;
  limitBytes: number;
  bytesOf: (thing: T) => number;
}): BatchQueue<T> {
  const { windowMs, limitBytes, bytesOf } = options;
  let things: T[] = [];
  let wanted = 1;
  let wake = () => {};

  /** Until `count` things wait, the time is over, or the wait is aborted. */
  const until = (count: number, signal: AbortSignal, withinMs?: number) =>
    new Promise<void>((resolve) => {
      if (things.length >= count || signal.aborted) return resolve();
      const timer = withinMs === undefined ? undefined : setTimeout(() => wake(), withinMs);
      wanted = count;
      wake = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", wake);
        wake = () => {};
        resolve();
      };
      signal.addEventListener("abort", wake);
    });

  return {
    add(thing) {
      things.push(thing);
      if (things.length >= wanted) wake();
    },
    putBack(back) {
      things = [...back, ...things];
    },
    async take(limit, signal) {
      await until(1, signal);
      await until(limit, signal, windowMs);
      let bytes = 0;
      const fits = things.slice(0, limit).findIndex((thing, index) => {
        bytes += bytesOf(thing);
        return index > 0 && bytes > limitBytes;
      });
      return things.splice(0, fits < 0 ? limit : fits);
    },
    drain: () => things.splice(0),
  };
}
