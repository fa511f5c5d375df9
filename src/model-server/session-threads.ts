import { Worker } from "node:worker_threads";
import type { SessionTensor, ThreadReply, ThreadRequest, ThreadTensor } from "./session-thread.ts";

/** Runs sent to a thread ahead of time, so that it never waits for the event loop between two of them. */
const runsAhead = 2;

export interface SessionThreads {
  readonly size: number;
  /** Loads a model on every thread under the key. @throws Error as ONNX Runtime words it */
  load(key: string, path: string): Promise<{ inputs: SessionTensor[]; outputs: SessionTensor[] }>;
  unload(key: string): Promise<void>;
  /** Threads can take another run now. */
  hasCapacity(): boolean;
  /** Runs a model on the thread with the least to do; the inputs' buffers are handed over. */
  run(key: string, inputs: ThreadTensor[], outputs: string[]): Promise<{ outputs: ThreadTensor[]; computeMs: number }>;
  stop(): Promise<void>;
}

/**
 * A fixed number of threads, each with sessions of its own: for networks of this size one thread per core costs
 * less per picture than many threads at one picture.
 * @param onExit called when a thread ends though nobody stopped it; its runs have failed by then
 */
export function createSessionThreads(options: { count: number; onExit: (error: Error) => void }): SessionThreads {
  // ONNX Runtime's official builds report usage to their maker otherwise. Not in the thread: its process.env is a copy.
  process.env.ORT_DISABLE_TELEMETRY ??= "1";
  const threads = Array.from({ length: options.count }, () => startThread(options.onExit));

  const idlest = () => threads.reduce((best, thread) => (thread.pending() < best.pending() ? thread : best));

  return {
    size: threads.length,
    load: async (session, path) => {
      // One after the other: loading needs several times the memory that a loaded model keeps.
      let loaded: { inputs: SessionTensor[]; outputs: SessionTensor[] } = { inputs: [], outputs: [] };
      for (const thread of threads) {
        const reply = await thread.ask((id) => ({ kind: "load", id, session, path }));
        if (reply.kind === "loaded") loaded = reply;
      }
      return loaded;
    },
    unload: async (session) => {
      await Promise.all(threads.map((thread) => thread.ask((id) => ({ kind: "unload", id, session }))));
    },
    hasCapacity: () => idlest().pending() < runsAhead,
    run: async (session, inputs, outputs) => {
      const buffers = inputs.map((input) => input.bytes.buffer);
      const reply = await idlest().ask((id) => ({ kind: "run", id, session, inputs, outputs }), buffers);
      if (reply.kind !== "ran") throw new Error(`a thread answered "${reply.kind}" to a run`);
      return reply;
    },
    stop: async () => {
      await Promise.all(threads.map((thread) => thread.stop()));
    },
  };
}

interface Thread {
  pending(): number;
  ask(request: (id: number) => ThreadRequest, transfer?: ArrayBuffer[]): Promise<ThreadReply>;
  stop(): Promise<void>;
}

function startThread(onExit: (error: Error) => void): Thread {
  const worker = new Worker(new URL("./session-thread.ts", import.meta.url), {
    // A session's weights lie outside of V8's heap; little else lives on the thread.
    resourceLimits: { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 2 },
  });
  const waiting = new Map<number, { resolve(reply: ThreadReply): void; reject(error: Error): void }>();
  let lastId = 0;
  let ended: Error | undefined;

  const end = (error: Error) => {
    if (ended) return;
    ended = error;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
    onExit(error);
  };

  worker.on("message", (reply: ThreadReply) => {
    const asker = waiting.get(reply.id);
    waiting.delete(reply.id);
    if (reply.kind === "failed") asker?.reject(new Error(reply.message));
    else asker?.resolve(reply);
  });
  worker.on("error", end);
  worker.on("exit", (code) => end(new Error(`a thread ended with code ${code}`)));

  return {
    pending: () => waiting.size,
    ask: (request, transfer = []) =>
      new Promise((resolve, reject) => {
        if (ended) return reject(ended);
        const id = ++lastId;
        waiting.set(id, { resolve, reject });
        worker.postMessage(request(id), transfer);
      }),
    stop: async () => {
      ended ??= new Error("the thread was stopped");
      for (const { reject } of waiting.values()) reject(ended);
      waiting.clear();
      await worker.terminate();
    },
  };
}
