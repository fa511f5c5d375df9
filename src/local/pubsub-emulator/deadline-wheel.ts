/** Deadlines of many items on one timer: items that are due within the same tick are handed out together. */
export interface DeadlineWheel<T> {
  /** Sets the item's one deadline, in milliseconds on the wheel's clock; an earlier call for it is forgotten. */
  set(item: T, atMs: number): void;
  clear(item: T): void;
  stop(): void;
}

/**
 * An item comes due up to `tickMs` after its deadline, never before. `onDue` may set and clear items.
 */
export function createDeadlineWheel<T>(options: {
  tickMs: number;
  now: () => number;
  onDue: (items: T[]) => void;
}): DeadlineWheel<T> {
  const { tickMs, now, onDue } = options;
  const buckets = new Map<number, Set<T>>();
  const tickOf = new Map<T, number>();
  let timer: NodeJS.Timeout | undefined;
  let armedTick = Number.POSITIVE_INFINITY;

  const arm = (tick: number) => {
    clearTimeout(timer);
    armedTick = tick;
    timer = setTimeout(fire, Math.max(0, tick * tickMs - now()));
  };

  const fire = () => {
    armedTick = Number.POSITIVE_INFINITY;
    const nowTick = Math.floor(now() / tickMs);
    const due: T[] = [];
    for (const tick of [...buckets.keys()].sort((a, b) => a - b)) {
      if (tick > nowTick) break;
      for (const item of buckets.get(tick) ?? []) {
        due.push(item);
        tickOf.delete(item);
      }
      buckets.delete(tick);
    }
    if (due.length > 0) onDue(due);
    const next = Math.min(...buckets.keys());
    if (next < armedTick) arm(next);
  };

  const clear = (item: T) => {
    const tick = tickOf.get(item);
    if (tick === undefined) return;
    tickOf.delete(item);
    const bucket = buckets.get(tick);
    bucket?.delete(item);
    if (bucket?.size === 0) buckets.delete(tick);
  };

  return {
    set(item, atMs) {
      const tick = Math.ceil(atMs / tickMs);
      if (tickOf.get(item) === tick) return;
      clear(item);
      tickOf.set(item, tick);
      const bucket = buckets.get(tick);
      if (bucket) bucket.add(item);
      else buckets.set(tick, new Set([item]));
      if (tick < armedTick) arm(tick);
    },
    clear,
    stop() {
      clearTimeout(timer);
      buckets.clear();
      tickOf.clear();
    },
  };
}
