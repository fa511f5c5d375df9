import type { AnyItem } from "./job.ts";
import type { StageName } from "./stages.ts";
import { bucketOf } from "./time-histogram.ts";
import { type Counted, type StageTime, stageTimes, totalOf } from "./totals.ts";

export interface StageTimes {
  /** Captures were handed on. @param items before their stage, with the times of those before it */
  passed(items: readonly AnyItem[], startedAtMs: number, nowMs: number): void;
  /** A batch came to an end. */
  served(captures: number, batchMs: number): void;
  /** By the names of totals.ts. */
  counted(): Counted;
}

/** Counts the times of one worker process's captures. */
export function createStageTimes(stage: StageName): StageTimes {
  const counts: Record<StageTime, number[]> = { service: [], waiting: [], whole: [] };
  const add = (what: StageTime, ms: number, captures = 1) => {
    const bucket = bucketOf(ms);
    counts[what][bucket] = (counts[what][bucket] ?? 0) + captures;
  };
  return {
    passed(items, startedAtMs, nowMs) {
      for (const { attempt, times } of items) {
        // What is tried again has waited by design.
        if (attempt === 0) add("waiting", startedAtMs - queuedAtMs(times));
        if (stage === "postprocess") add("whole", nowMs - times.receivedAtMs);
      }
    },
    served: (captures, batchMs) => add("service", batchMs / Math.max(1, captures), captures),
    counted: () =>
      Object.fromEntries(
        stageTimes.flatMap((what) =>
          [...counts[what].entries()].flatMap(([bucket, count]) =>
            count === undefined ? [] : [[totalOf.time(stage, what, bucket), count]],
          ),
        ),
      ),
  };
}

/** When the stage before was done with it. */
function queuedAtMs({ receivedAtMs, fetch, preprocess, infer }: AnyItem["times"]): number {
  return (infer ?? preprocess ?? fetch)?.finishedAtMs ?? receivedAtMs;
}
