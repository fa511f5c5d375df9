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
import { type AnyItem, BatchJob } from "./job.ts";
import type { Health, Lifecycle } from "./lifecycle.ts";
import { reportFigures } from "./pool-figures.ts";
import { createProgressWatch } from "./progress-watch.ts";
import { keyPrefix, openQueues, type Queues, suspectsOf } from "./queues.ts";
import { conclude } from "./routes.ts";
import { runBatch } from "./run-batch.ts";
import type { Stage } from "./stage.ts";
import { createStageMeter } from "./stage-meter.ts";
import { stages } from "./stages.ts";
import { explode, type SoloStarts, soloStarts } from "./suspects.ts";

export interface StageWorkerOptions {
  redisUrl: string;
  log: Logger;
  /** Batches at a time; absent: the stage's default. */
  concurrency?: number;
  /** How long stop() waits for running batches before it makes the stage let go. */
  drainMs: number;
}

export interface StageWorker extends Lifecycle {
  /** Takes effect at once; running batches finish. */
  setConcurrency(batches: number): void;
}

/** After the drain limit stages get this long to notice that they shall let go. */
const letGoMs = 3_000;
/** Longer than a blocking read for jobs, which a close waits for. */
const idleStopMs = 3_000;
const stalledIntervalMs = 2_000;

export function createStageWorker<In extends AnyItem>(
  stage: Stage<In, AnyItem | null>,
  options: StageWorkerOptions,
): StageWorker {
  const log = options.log.child({ stage: stage.name });
  const definition = stages[stage.name];
  const id = `${stage.name}-${process.pid}-${randomUUID().slice(0, 8)}`;
  const meter = createStageMeter(stage.name);
  const gate = createExclusiveGate();
  const drain = new AbortController();
  const Items = z.array(stage.input);
  let concurrency = options.concurrency ?? definition.concurrency;
  let running: Running | undefined;
  let stopping: Promise<void> | undefined;

  const start = async () => {
    const redis = connectRedis(options.redisUrl, { role: "queue", log });
    const workerConnection = connectRedis(options.redisUrl, { role: "worker", log });
    const queues = openQueues(redis);
    const states = captureStates(redis);
    const solo = soloStarts(redis, stage.name);
    const progress = createProgressWatch(queues.queue(stage.name), () => ({ concurrency }));
    const process = (suspects: boolean) => async (job: Job, _token?: string, signal?: AbortSignal) => {
      meter.begin();
      progress.started();
      try {
        await takeJob(job, signal ?? new AbortController().signal, suspects, { queues, states, solo });
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
        autorun: true,
      });
      worker.on("error", (error) => log.warn({ err: error.message }, "worker error"));
      worker.on("failed", (job, error) => log.error({ job: job?.id, err: error.message }, "job failed"));
      worker.on("lockRenewalFailed", (jobIds) => {
        for (const jobId of jobIds) worker.cancelJob(jobId, "its lock was lost");
      });
      return worker;
    };
    const main = open(definition.queue, false, concurrency);
    const suspects = open(suspectsOf(stage.name), true, 1);
    const report = reportFigures(redis, stage.name, id, () => meter.figures(concurrency, Date.now()), meter.counted);
    running = { redis, workerConnection, queues, main, suspects, stopReport: report, health: progress.health };
    await main.waitUntilReady();
    log.info({ concurrency }, "worker ready");
  };

  const takeJob = async (job: Job, lock: AbortSignal, suspect: boolean, parts: Parts) => {
    const { batchId, items } = parse(job, Items);
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
    const { main, suspects, stopReport, queues, redis, workerConnection } = running;
    running = undefined;
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
    setConcurrency(batches) {
      concurrency = batches;
      if (running) running.main.concurrency = batches;
    },
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
  main: Worker;
  suspects: Worker;
  stopReport(): Promise<void>;
  health(): Promise<Health>;
}

/** @throws UnrecoverableError when the payload is not of this version or stage: trying again cannot mend it */
function parse<In>(job: Job, Items: z.ZodType<In[]>): { batchId: string; items: In[] } {
  const batch = BatchJob.safeParse(job.data);
  if (!batch.success) throw new UnrecoverableError(`job ${job.id} is no batch of version 1: ${batch.error.message}`);
  const items = Items.safeParse(batch.data.items);
  if (!items.success) throw new UnrecoverableError(`job ${job.id} holds an invalid capture: ${items.error.message}`);
  return { batchId: batch.data.batchId, items: items.data };
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
