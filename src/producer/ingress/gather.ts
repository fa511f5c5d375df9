/** Gathers single things into batches: full ones leave at once, others when the first has waited the window. */
export interface Gatherer<T> {
  add(thing: T): void;
  /** Sends what has gathered. */
  flush(): void;
}

/**
 * @param size asked with each thing, so that it can be tuned
 * @param windowMs asked when the first thing of a batch arrives, so that the window can follow the load
 */
export function createGatherer<T>(options: {
  size: () => number;
  windowMs: () => number;
  send: (batch: T[]) => void;
}): Gatherer<T> {
  let batch: T[] = [];
  let timer: NodeJS.Timeout | undefined;

  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    if (batch.length === 0) return;
    const full = batch;
    batch = [];
    options.send(full);
  };

  return {
    add(thing) {
      batch.push(thing);
      if (batch.length >= options.size()) flush();
      else timer ??= setTimeout(flush, options.windowMs());
    },
    flush,
  };
}
