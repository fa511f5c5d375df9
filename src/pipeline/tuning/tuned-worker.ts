import type { Worker } from "bullmq";
import type { WorkerSettings } from "../stage-meter.ts";
import type { StageName } from "../stages.ts";
import type { Tuning } from "./tuning.ts";

export interface TunedWorker {
  /** Takes effect at once: running batches finish, a paused worker begins no other. */
  apply(tuning: Tuning): void;
  settings(): WorkerSettings & { paused: boolean };
}

/**
 * The tuning of one stage at work in this process. It is paused by itself, without a flag in the queue: whoever paused
 * the queue there is not overruled.
 * @param workers `alone` runs one job at a time, whatever is tuned
 */
export function tuneWorker(
  stage: StageName,
  workers: { main: Worker; alone: Worker },
  defaultConcurrency: number,
): TunedWorker {
  let settings = { concurrency: defaultConcurrency, defaultConcurrency, tuningVersion: 0, paused: false };
  return {
    settings: () => settings,
    apply({ version, stages }) {
      const { concurrency = defaultConcurrency, paused = false } = stages[stage] ?? {};
      settings = { concurrency, defaultConcurrency, tuningVersion: version, paused };
      workers.main.concurrency = concurrency;
      for (const worker of Object.values(workers)) void (paused ? worker.pause(true) : worker.resume());
    },
  };
}
