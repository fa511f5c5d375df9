/**
 * Acts that the server has not answered, and refusals that nobody has read, kept in the browser (IndexedDB) so that a
 * closed or reloaded page loses none. Where the browser keeps nothing, as in some private windows, the page goes on
 * without.
 */
import type { Outgoing } from "./review-state.ts";

export interface UnsentStore {
  /** Before the act is sent, and when it was refused. */
  keep(one: Outgoing): Promise<void>;
  /** When it was answered, or its refusal was read. */
  forget(key: string): Promise<void>;
  /** What was left of this person's acts, oldest first. */
  left(): Promise<Outgoing[]>;
}

const store = "acts";
interface Kept extends Outgoing {
  userId: string;
}

export function createUnsentStore(userId: string): UnsentStore {
  const database = openDatabase();
  const inStore = async <T>(
    mode: IDBTransactionMode,
    act: (acts: IDBObjectStore) => IDBRequest<T>,
  ): Promise<T | null> => {
    const opened = await database;
    return opened ? answerOf(act(opened.transaction(store, mode).objectStore(store))).catch(() => null) : null;
  };
  return {
    keep: async (one) => {
      await inStore("readwrite", (acts) => acts.put({ ...one, userId } satisfies Kept));
    },
    forget: async (key) => {
      await inStore("readwrite", (acts) => acts.delete(key));
    },
    left: async () => {
      const all: Kept[] = (await inStore("readonly", (acts) => acts.getAll())) ?? [];
      return all
        .filter((one) => one.userId === userId)
        .toSorted((one, other) => one.madeAt.localeCompare(other.madeAt))
        .map(({ userId: _, ...one }) => one);
    },
  };
}

async function openDatabase(): Promise<IDBDatabase | null> {
  try {
    const request = indexedDB.open("briareus-review", 1);
    request.onupgradeneeded = () => request.result.createObjectStore(store, { keyPath: "key" });
    return await answerOf(request);
  } catch {
    return null;
  }
}

function answerOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
