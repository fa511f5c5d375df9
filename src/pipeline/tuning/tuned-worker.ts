import { type Job, WaitingError, type Worker } from "bullmq";
import type { WorkerSettings } from "../stage-meter.ts";
import type { StageName } from "../stages.ts";
import type { Tuning } from "./tuning.ts";

export interface TunedWorker {
  /** Takes effect at once: running batches finish, a paused worker begins no other. */
  apply(tuning: Tuning): void;
  settings(): WorkerSettings & { paused: boolean };
  /**
   * Puts a job that was taken though the worker is paused back to the front of its queue: one that waited for a job when
   * it was paused still takes the next that comes. @throws WaitingError which tells BullMQ that the job was moved
   */
  admit(job: Job, token: string | undefined): Promise<void>;
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
      const before = settings.concurrency;
      const { concurrency = defaultConcurrency, paused = false } = stages[stage] ?? {};
      settings = { concurrency, defaultConcurrency, tuningVersion: version, paused };
      workers.main.concurrency = concurrency;
      for (const worker of Object.values(workers)) void (paused ? worker.pause(true) : worker.resume());
      if (concurrency > before && !paused) void wake(workers.main);
    },
    async admit(job, token) {
      if (!settings.paused) return;
      await job.moveToWait(token);
      throw new WaitingError();
    },
  };
}

/** A worker with all slots taken looks at their number only when a job ends, or when it is resumed. */
async function wake(worker: Worker): Promise<void> {
  await worker.pause(true);
  await worker.resume();
}
