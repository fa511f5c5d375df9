/**
 * One worker process of a pool: takes batches off its stage's queue and, one capture at a time and alone,
 * suspects off the second one.
 *
 *     new ──start──► running ──stop──► draining ──all jobs done, or limit──► stopped
 */
import { randomUUID } from "node:crypto";
import { type Job, UnrecoverableError, Worker } from "bullmq";
import type { Redis } from "ioredis";
import { z } from "zod";
import { connectRedis } from "../redis/connection.ts";
import type { Logger } from "../telemetry/logger.ts";
import { type CaptureStates, captureStates } from "./capture-states.ts";
import { createExclusiveGate } from "./exclusive-gate.ts";
import { type AnyItem, readJob } from "./job.ts";
import type { Health, Lifecycle } from "./lifecycle.ts";
import { leaveToNewer } from "./newer-job.ts";
import { reportFigures } from "./pool-figures.ts";
import { createProgressWatch } from "./progress-watch.ts";
import { keyPrefix, openQueues, type Queues, suspectsOf } from "./queues.ts";
import { conclude } from "./routes.ts";
import { runBatch } from "./run-batch.ts";
import type { Stage } from "./stage.ts";
import { createStageMeter } from "./stage-meter.ts";
import { stages } from "./stages.ts";
import { explode, type SoloStarts, soloStarts } from "./suspects.ts";
import { tuneWorker } from "./tuning/tuned-worker.ts";
import { largestBatch } from "./tuning/tuning.ts";
import { type TuningWatch, watchTuning } from "./tuning/watch-tuning.ts";

export interface StageWorkerOptions {
  redisUrl: string;
  log: Logger;
  /** Batches at a time; absent: the stage's default. */
  concurrency?: number;
  /** How long stop() waits for running batches before it makes the stage let go. */
  drainMs: number;
}

/** After the drain limit stages get this long to notice that they shall let go. */
const letGoMs = 3_000;
/** Longer than a blocking read for jobs, which a close waits for. */
const idleStopMs = 3_000;
const stalledIntervalMs = 2_000;

export function createStageWorker<In extends AnyItem>(
  stage: Stage<In, AnyItem | null>,
  options: StageWorkerOptions,
): Lifecycle {
  const log = options.log.child({ stage: stage.name });
  const definition = stages[stage.name];
  const id = `${stage.name}-${process.pid}-${randomUUID().slice(0, 8)}`;
  const meter = createStageMeter(stage.name);
  const gate = createExclusiveGate();
  const defaultConcurrency = options.concurrency ?? definition.concurrency;
  const drain = new AbortController();
  const Items = z.array(stage.input);
  let running: Running | undefined;
  let stopping: Promise<void> | undefined;

  const start = async () => {
    const redis = connectRedis(options.redisUrl, { role: "queue", log });
    const workerConnection = connectRedis(options.redisUrl, { role: "worker", log });
    const queues = openQueues(redis, (each) => largestBatch(tuning.current(), each));
    const states = captureStates(redis);
    const solo = soloStarts(redis, stage.name);
    const progress = createProgressWatch(queues.queue(stage.name), () => tuned.settings());
    const process = (suspects: boolean) => async (job: Job, token?: string, signal?: AbortSignal) => {
      await tuned.admit(job, token);
      meter.begin();
      progress.started();
      try {
        await takeJob(job, token, signal ?? new AbortController().signal, suspects, { queues, states, solo });
      } finally {
        meter.end();
        progress.finished();
      }
    };
    const open = (name: string, suspects: boolean, atOnce: number) => {
      const worker = new Worker(name, process(suspects), {
        connection: workerConnection,
        prefix: keyPrefix,
        concurrency: atOnce,
        lockDuration: definition.lockMs,
        stalledInterval: stalledIntervalMs,
        maxStalledCount: 50,
        drainDelay: 2,
        runRetryDelay: 1_000,
        autorun: false, // A pool that is paused takes nothing, not even when it starts.
      });
      worker.on("error", (error) => log.warn({ err: error.message }, "worker error"));
      worker.on("failed", (job, error) => log.error({ job: job?.id, err: error.message }, "job failed"));
      worker.on("lockRenewalFailed", (jobIds) => {
        for (const jobId of jobIds) worker.cancelJob(jobId, "its lock was lost");
      });
      return worker;
    };
    const main = open(definition.queue, false, defaultConcurrency);
    const suspects = open(suspectsOf(stage.name), true, 1);
    const tuned = tuneWorker(stage.name, { main, alone: suspects }, defaultConcurrency);
    const tuning = watchTuning(redis, tuned.apply, log);
    const figures = () => meter.figures(tuned.settings(), Date.now());
    const stopReport = reportFigures(redis, stage.name, id, figures, meter.counted);
    const { health } = progress;
    running = { redis, workerConnection, queues, tuning, main, suspects, stopReport, health };
    await Promise.all([main.waitUntilReady(), tuning.first]);
    if (stopping) return;
    tuned.apply(tuning.current());
    const { concurrency, paused } = tuned.settings();
    log.info({ concurrency, paused }, "worker ready");
  };

  const takeJob = async (job: Job, token: string | undefined, lock: AbortSignal, suspect: boolean, parts: Parts) => {
    const reading = readJob(job.data, Items);
    if (reading.kind === "newer")
      return leaveToNewer(job, token, reading, { stage: stage.name, states: parts.states, log, nowMs: Date.now() });
    if (reading.kind === "invalid") throw new UnrecoverableError(`job ${job.id} holds ${reading.problem}`);
    const { batchId, items } = reading;
    const run = (batch: readonly In[]) =>
      runBatch(batchId, batch, { lock, drain: drain.signal }, { stage, meter, log, ...parts });
    if (suspect) return gate.exclusive(() => runAlone(batchId, items, run, parts));
    if (job.stalledCounter > 0) {
      log.warn({ batchId, captures: items.length }, "batch stalled: its captures run one at a time");
      return parts.queues.add(stage.name, explode(batchId, items), { suspects: true });
    }
    return gate.shared(() => run(items));
  };

  const runAlone = async (
    batchId: string,
    items: readonly In[],
    run: (batch: readonly In[]) => Promise<void>,
    parts: Parts,
  ) => {
    for (const item of items) {
      const { captureId } = item.capture;
      if (await parts.solo.begin(captureId)) {
        log.error({ batchId, captureId }, "capture rejected: it killed its worker twice while it ran alone");
        const detail = `its worker died twice at ${stage.name} while the capture ran alone`;
        const rejection = { kind: "rejected", verdict: "unprocessable", reason: "worker-crash", detail } as const;
        await parts.queues.add("postprocess", explode(batchId, [conclude(item, rejection)]));
      } else {
        await run([item]);
      }
      await parts.solo.end(captureId);
    }
  };

  const stop = async () => {
    if (!running) return;
    const { tuning, main, suspects, stopReport, queues, redis, workerConnection } = running;
    running = undefined;
    tuning.stop();
    const closed = Promise.all([main.close(), suspects.close()]);
    // Nothing is under way: only a Redis that is away can hold this up, and it is not worth waiting for.
    const drainMs = meter.active() === 0 ? idleStopMs : options.drainMs;
    if (!(await within(drainMs, closed))) {
      log.warn({ drainMs }, "drain limit reached: unfinished captures go back to the queue");
      drain.abort(new Error("the worker is stopping"));
      if (!(await within(letGoMs, closed)))
        log.error("a stage does not let go: its captures come back when their locks end");
    }
    await within(letGoMs, Promise.all([stopReport(), queues.close()]));
    redis.disconnect();
    workerConnection.disconnect();
    log.info("worker stopped");
  };

  return {
    start,
    stop: () => (stopping ??= stop()),
    health: async () => (running ? running.health() : { live: true, ready: false, detail: "not started" }),
  };
}

interface Parts {
  queues: Queues;
  states: CaptureStates;
  solo: SoloStarts;
}

interface Running {
  redis: Redis;
  workerConnection: Redis;
  queues: Queues;
  tuning: TuningWatch;
  main: Worker;
  suspects: Worker;
  stopReport(): Promise<void>;
  health(): Promise<Health>;
}

/** Whether the work was done within the time. */
async function within(limitMs: number, work: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), limitMs);
  });
  const done = await Promise.race([work.then(() => true), limit]);
  clearTimeout(timer);
  return done;
}
