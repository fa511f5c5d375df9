/**
 * The way of a batch through one stage, whatever the stage:
 *
 *     fence ► expire ► run ► hand on what is finished ► (stragglers) hand on the rest ► release
 *
 * Every capture leaves by exactly one door: the next queue, this queue again, or postprocess.
 */
import type { Logger } from "../telemetry/logger.ts";
import { type CaptureSpan, recordSpan } from "../telemetry/tracing.ts";
import type { CaptureStates } from "./capture-states.ts";
import type { AnyItem } from "./job.ts";
import type { Queues } from "./queues.ts";
import { type Routes, route, type Settled } from "./routes.ts";
import type { Outcome, Stage } from "./stage.ts";
import type { StageMeter } from "./stage-meter.ts";
import { stages } from "./stages.ts";

export interface BatchDependencies<In extends AnyItem> {
  stage: Stage<In, AnyItem | null>;
  queues: Queues;
  states: CaptureStates;
  meter: StageMeter;
  log: Logger;
}

/** The job was given to another worker while this one was silent; that one hands the captures on. */
class LostLockError extends Error {
  readonly code = "lost-lock";
  constructor(batchId: string) {
    super(`the lock of batch ${batchId} was lost; another worker has it now`);
    this.name = "LostLockError";
  }
}

/**
 * Runs one batch and hands its captures on.
 * @param lock aborted when the job's lock is lost
 * @param drain aborted when the worker must let go
 */
export async function runBatch<In extends AnyItem>(
  batchId: string,
  items: readonly In[],
  signals: { lock: AbortSignal; drain: AbortSignal },
  dependencies: BatchDependencies<In>,
): Promise<void> {
  const { stage, states, meter } = dependencies;
  const log = dependencies.log.child({ batchId });
  const startedAtMs = Date.now();

  const open = await withoutSettled(items, states, log);
  const expired = stage.name === "postprocess" ? [] : open.filter((item) => item.deadlineAtMs <= startedAtMs);
  const fresh = expired.length === 0 ? open : open.filter((item) => item.deadlineAtMs > startedAtMs);
  const late: Settled<In>[] = expired.map((item) => ({ item, outcome: tooLate(stage.name) }));

  const comingBack = new Set<In>();
  const handOn = async (settled: readonly Settled<In>[]) => {
    if (signals.lock.aborted) throw new LostLockError(batchId);
    for (const { item, outcome } of settled) if (outcome.kind === "retry") comingBack.add(item);
    const nowMs = Date.now();
    const routes = route(stage.name, batchId, settled, {
      batchSize: items.length,
      startedAtMs,
      nowMs,
      random: Math.random,
    });
    await enqueue(stage.name, routes, dependencies.queues);
    meter.record(settled, nowMs - startedAtMs);
    meter.passed(
      settled.filter(({ outcome }) => outcome.kind !== "retry").map(({ item }) => item),
      startedAtMs,
      nowMs,
    );
    for (const each of settled) recordSpan(spanOf(stage.name, each, startedAtMs, nowMs));
    logOutcomes(settled, log);
  };

  const signal = AbortSignal.any([signals.lock, signals.drain]);
  const outcomes = fresh.length === 0 ? [] : stage.run(fresh, { signal, log, now: Date.now });
  await settleInParts(fresh, outcomes, late, handOn, stages[stage.name].stragglerMs, log);
  meter.recordBatch(items.length, Date.now() - startedAtMs);
  await stage.release?.(items.filter((item) => !comingBack.has(item)));
}

async function withoutSettled<In extends AnyItem>(items: readonly In[], states: CaptureStates, log: Logger) {
  const known = await states.states(items.map((item) => item.capture.captureId));
  const open = items.filter((_, index) => known[index] !== "settled");
  if (open.length < items.length) log.debug({ skipped: items.length - open.length }, "settled captures skipped");
  return open;
}

/** Hands on all outcomes at once, or, when some take long, those there are and later the rest. */
async function settleInParts<In extends AnyItem>(
  items: readonly In[],
  outcomes: Promise<Outcome<AnyItem | null>>[],
  early: readonly Settled<In>[],
  handOn: (settled: readonly Settled<In>[]) => Promise<void>,
  stragglerMs: number,
  log: Logger,
): Promise<void> {
  let ready: Settled<In>[] = [...early];
  const all = Promise.all(
    items.map(async (item, index) => {
      const outcome = await (outcomes[index] ?? Promise.reject(new Error("the stage gave no outcome"))).catch(
        (error: unknown): Outcome<AnyItem | null> => {
          log.error({ err: error, captureId: item.capture.captureId }, "stage threw");
          return {
            kind: "retry",
            reason: "stage-error",
            detail: error instanceof Error ? error.message : String(error),
          };
        },
      );
      ready.push({ item, outcome });
    }),
  );

  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, stragglerMs);
  });
  await Promise.race([all, patience]);
  clearTimeout(timer);

  const first = ready;
  ready = [];
  if (first.length > 0) await handOn(first);
  await all;
  if (ready.length > 0) await handOn(ready);
}

async function enqueue(stage: Stage<never, never>["name"], routes: Routes, queues: Queues): Promise<void> {
  const { next } = stages[stage];
  await Promise.all([
    next && routes.next.length > 0 ? queues.add(next, routes.next) : undefined,
    routes.again.length > 0 ? queues.add(stage, routes.again) : undefined,
    routes.rejected.length > 0 ? queues.add("postprocess", routes.rejected) : undefined,
  ]);
}

const tooLate = (stage: string): Outcome<AnyItem | null> => ({
  kind: "reject",
  verdict: "expired",
  reason: "deadline-exceeded",
  detail: `its deadline had passed before ${stage}`,
});

function spanOf(
  stage: string,
  { item, outcome }: Settled<AnyItem>,
  startedAtMs: number,
  endedAtMs: number,
): CaptureSpan {
  const { capture, traceparent, attempt } = item;
  const failure = outcome.kind === "done" ? undefined : outcome.reason;
  const attributes = { "briareus.attempt": attempt };
  return {
    name: `briareus ${stage}`,
    captureId: capture.captureId,
    traceparent,
    startedAtMs,
    endedAtMs,
    failure,
    attributes,
  };
}

function logOutcomes(settled: readonly Settled<AnyItem>[], log: Logger): void {
  for (const { item, outcome } of settled) {
    if (outcome.kind === "done") continue;
    const { kind, reason, detail } = outcome;
    log.info({ captureId: item.capture.captureId, kind, reason, detail, attempt: item.attempt }, `capture ${kind}`);
  }
  log.debug({ captures: settled.map(({ item }) => item.capture.captureId) }, "batch handed on");
}
