/** A queue whose both ends cost constant time, but for `pushFront`, which is for the rare return of what was taken. */
export interface Fifo<T> {
  readonly length: number;
  push(item: T): void;
  /** Puts the items before all others, in their own order. */
  pushFront(items: readonly T[]): void;
  shift(): T | undefined;
}

/** The taken part of the array is cut off once it is this long and the larger half. */
const compactionLength = 1024;

export function createFifo<T>(): Fifo<T> {
  let items: (T | undefined)[] = [];
  let head = 0;
  return {
    get length() {
      return items.length - head;
    },
    push(item) {
      items.push(item);
    },
    pushFront(front) {
      items = [...front, ...items.slice(head)];
      head = 0;
    },
    shift() {
      if (head === items.length) return undefined;
      const item = items[head];
      items[head] = undefined;
      head += 1;
      if (head === items.length || (head >= compactionLength && head * 2 > items.length)) {
        items = items.slice(head);
        head = 0;
      }
      return item;
    },
  };
}
