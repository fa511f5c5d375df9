import type { ModelVersion } from "./model-version.ts";
import type { SessionThreads } from "./session-threads.ts";

/**
 * Keeps the threads busy: whenever one has room, the next model in turn gives a run. Batches are formed only then,
 * so that while the threads are busy requests gather in the queue, where they can still be cancelled.
 * @param models the versions that may have work
 * @returns a function to call when there may be something to do
 */
export function createScheduler(threads: SessionThreads, models: () => readonly ModelVersion[]): () => void {
  let turn = 0;
  let timer: NodeJS.Timeout | undefined;

  const startOne = (versions: readonly ModelVersion[]): { waitMs: number } | "started" | "idle" => {
    let waitMs = Number.POSITIVE_INFINITY;
    for (let tried = 0; tried < versions.length; tried++) {
      const next = versions[turn++ % versions.length]?.nextRun();
      if (typeof next === "function") {
        void next().finally(pump);
        return "started";
      }
      if (next) waitMs = Math.min(waitMs, next.waitMs);
    }
    return Number.isFinite(waitMs) ? { waitMs } : "idle";
  };

  const pump = () => {
    clearTimeout(timer);
    const versions = models();
    while (threads.hasCapacity()) {
      const outcome = startOne(versions);
      if (outcome === "idle") return;
      if (outcome === "started") continue;
      timer = setTimeout(pump, Math.ceil(outcome.waitMs));
      return;
    }
  };

  return pump;
}
