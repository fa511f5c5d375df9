/**
 * Liveness that proves progress. A worker hangs when its queue holds waiting batches, it has room for one, and
 * it is not paused, and it begins none; an open socket says nothing of that.
 */
import type { Queue } from "bullmq";
import type { Health } from "./lifecycle.ts";

const hangMs = 30_000;
const answerMs = 3_000;

export interface ProgressWatch {
  started(): void;
  finished(): void;
  health(): Promise<Health>;
}

export function createProgressWatch(
  queue: Queue,
  limits: () => { concurrency: number; paused: boolean },
  now = Date.now,
): ProgressWatch {
  let active = 0;
  let lastProgressAtMs = now();
  const progress = () => {
    lastProgressAtMs = now();
  };
  return {
    started() {
      active += 1;
      progress();
    },
    finished() {
      active -= 1;
      progress();
    },
    async health() {
      const queued = await answerWithin(answerMs, waitingBatches(queue));
      if (queued === undefined) return { live: true, ready: false, detail: "Redis does not answer" };
      const { concurrency, paused } = limits();
      const hasRoom = active < concurrency && !paused;
      if (queued === 0 || !hasRoom) progress();
      const idleMs = now() - lastProgressAtMs;
      const live = idleMs < hangMs;
      return {
        live,
        ready: live,
        detail: live
          ? `${active} active${paused ? ", paused" : ""}`
          : `${queued} batches wait and none was begun for ${idleMs} ms`,
      };
    },
  };
}

async function waitingBatches(queue: Queue): Promise<number> {
  if (await queue.isPaused()) return 0;
  const counts = await queue.getJobCounts("wait", "prioritized");
  return (counts.wait ?? 0) + (counts.prioritized ?? 0);
}

/** undefined: no answer in time, or a connection that was closed meanwhile. */
async function answerWithin<T>(limitMs: number, question: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), limitMs);
  });
  const answer = await Promise.race([question.catch(() => undefined), limit]);
  clearTimeout(timer);
  return answer;
}
