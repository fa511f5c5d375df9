/**
 * A job that a newer version of the system made, met by this one: workers of both run while versions change.
 *
 *     met ──► given back, later each time ──► taken by a newer worker
 *      │            └── older than `giveUpMs` ──► failed
 *      └── all its captures settled ──► done
 *
 * No capture depends on it: ingress holds the message of each and submits it again once its verdict is overdue.
 */
import { DelayedError, type Job, UnrecoverableError } from "bullmq";
import type { Logger } from "../telemetry/logger.ts";
import { newerJobsTotal } from "../telemetry/metrics.ts";
import type { CaptureStates } from "./capture-states.ts";
import { type JobReading, jobVersion } from "./job.ts";
import type { StageName } from "./stages.ts";

const firstDelayMs = 100;
const maxDelayMs = 1_000;
/** Ingress has submitted its captures again long since. */
const giveUpMs = 900_000;

/**
 * Returns when nothing is left to do for the job.
 * @throws DelayedError which tells BullMQ that the job was put back
 * @throws UnrecoverableError when no newer worker has taken it for a quarter of an hour
 */
export async function leaveToNewer(
  job: Job,
  token: string | undefined,
  { version, captureIds }: Extract<JobReading<unknown>, { kind: "newer" }>,
  parts: { stage: StageName; states: CaptureStates; log: Logger; nowMs: number },
): Promise<void> {
  const { stage, states, log, nowMs } = parts;
  const known = await states.states(captureIds);
  if (known.length > 0 && known.every((state) => state === "settled")) return;
  if (nowMs - job.timestamp > giveUpMs) {
    newerJobsTotal.inc({ stage, became: "failed" });
    throw new UnrecoverableError(
      `job ${job.id} is of version ${version}, this worker knows ${jobVersion}, and no newer one took it in ${giveUpMs / 60_000} min: start workers of the newer release`,
    );
  }
  newerJobsTotal.inc({ stage, became: "given-back" });
  log.info({ job: job.id, version, knows: jobVersion, met: job.attemptsStarted }, "job left to a newer worker");
  const delayMs = Math.min(maxDelayMs, firstDelayMs * 2 ** Math.max(0, job.attemptsStarted - 1));
  // Apart from one another: of jobs that come due at one moment, the worker that wakes first takes nearly all.
  await job.moveToDelayed(nowMs + Math.round(delayMs * (0.5 + Math.random())), token);
  throw new DelayedError();
}
