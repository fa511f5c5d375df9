/**
 * Does something with each of many things as they come, some at a time, and reads on no faster than they are done. The
 * first failure ends it: what is under way is told by the signal, waited for, and the failure thrown.
 * @param signal ends it from outside; its reason is thrown
 */
export async function eachOf<Thing>(
  things: AsyncIterable<Thing>,
  { atOnce, signal }: { atOnce: number; signal?: AbortSignal },
  work: (thing: Thing, index: number, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const failure = new AbortController();
  const ended = signal ? AbortSignal.any([signal, failure.signal]) : failure.signal;
  const underWay = new Set<Promise<void>>();
  let index = 0;
  try {
    for await (const thing of things) {
      ended.throwIfAborted();
      const task: Promise<void> = work(thing, index++, ended)
        .catch((error: unknown) => failure.abort(error))
        .finally(() => underWay.delete(task));
      underWay.add(task);
      if (underWay.size >= atOnce) await Promise.race(underWay);
    }
  } finally {
    await Promise.all(underWay);
  }
  ended.throwIfAborted();
}
