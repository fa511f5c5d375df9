/**
 * Decides over all pools once per tick, as long as this process leads, and knows the latest decision whoever made it:
 *
 *     following ──nobody leads──► leading ──silent for 5 s, or stopped──► another leads
 */
import { setTimeout } from "node:timers/promises";
import type { Redis } from "ioredis";
import { repeat } from "../../pipeline/repeat.ts";
import type { StageName } from "../../pipeline/stages.ts";
import { watchTuning } from "../../pipeline/tuning/watch-tuning.ts";
import type { Logger } from "../../telemetry/logger.ts";
import { decidePools } from "../decide-pools.ts";
import { type DecidedPool, type DecisionRecord, decisionRecords } from "../decision-record.ts";
import { createMeasure, type MeasuredPool } from "../measure.ts";
import { type PoolLimits, tunedLimits } from "../pool-limits.ts";
import type { OwnLimits, Trigger } from "./metadata.ts";
import { shareLimits } from "./own-limits.ts";

/** As often as on one machine: who waits for the first work hears of it after half a second at most. */
const tickMs = 250;
/** Workers report every second: before this nobody can say that there are none. */
const firstLookMs = 3_000;
const resignMs = 1_000;
/** What is older says nothing of the pools now. */
const freshMs = 10_000;

export interface Decider {
  /** The latest decision on a pool, however old. */
  lastKnown(stage: StageName): DecidedPool | undefined;
  /** The same, unless it has grown old. */
  present(stage: StageName): DecidedPool | undefined;
  /** Whether this process is the one that decides. */
  leads(): boolean;
  /** The environment's limits, before those of ScaledObjects and tuning. */
  limits: Record<StageName, PoolLimits>;
  /** KEDA has asked with this metadata. */
  hear(trigger: Trigger): void;
  /** Called after each decision that this process hears of. */
  onDecision(listener: () => void): () => void;
  stop(): Promise<void>;
}

export interface DeciderOptions {
  redis: Redis;
  /** Before those of ScaledObjects and tuning. */
  limits: Record<StageName, PoolLimits>;
  log: Logger;
}

export function startDecider({ redis, limits, log }: DeciderOptions): Decider {
  const records = decisionRecords(redis);
  const measure = createMeasure(redis);
  const shared = shareLimits(redis);
  const tuning = watchTuning(redis, () => undefined, log);
  const listeners = new Set<() => void>();
  let leadsSinceMs: number | undefined;
  let known: DecisionRecord | undefined;
  /** The environment's with those of ScaledObjects in their place. */
  let untuned = limits;
  let heardAtMs = Number.NEGATIVE_INFINITY;

  const tick = async () => {
    untuned = withOwn(limits, await shared.exchange());
    if (await records.lead()) await lead();
    else leadsSinceMs = undefined;
    const found = await records.read();
    // By when it was heard: the clocks of two machines may differ.
    if (!found || found.atMs === known?.atMs) return;
    known = found;
    heardAtMs = performance.now();
    for (const listener of listeners) listener();
  };

  const lead = async () => {
    const nowMs = Date.now();
    if (leadsSinceMs === undefined) log.info({ by: records.id }, "leads the scaling of the pools");
    leadsSinceMs ??= nowMs;
    const measured = await measure(nowMs);
    // A Redis that came back empty has no record: what this process knows still holds.
    const before = (await records.read()) ?? known;
    if (!before && nowMs - leadsSinceMs < firstLookMs) return;
    await records.write({ atMs: nowMs, driver: "keda", defaults: untuned, pools: decideAll(measured, before, nowMs) });
  };

  const decideAll = (measured: readonly MeasuredPool[], before: DecisionRecord | undefined, nowMs: number) => {
    const { stages } = tuning.current();
    const past = (stage: StageName) => before?.pools.find((pool) => pool.stage === stage);
    // What was wanted is on its way, however long a pod takes to start.
    const workersOf = (stage: StageName) => past(stage)?.replicas ?? aliveOf(measured, stage);
    const stateOf = (stage: StageName) => ({
      replicas: workersOf(stage),
      limits: tunedLimits(untuned[stage], stages[stage]),
      history: past(stage)?.history,
    });
    const decisions = decidePools(measured, stateOf, nowMs);
    for (const { stage, replicas, reason } of decisions)
      if (replicas !== workersOf(stage)) log.info({ stage, replicas, reason }, "pool scaled");
    return decisions;
  };

  const find = (stage: StageName) => known?.pools.find((pool) => pool.stage === stage);
  const stopTicks = repeat(tickMs, tick, log);
  return {
    lastKnown: find,
    present: (stage) => (performance.now() - heardAtMs <= freshMs ? find(stage) : undefined),
    limits,
    hear: shared.hear,
    leads: () => leadsSinceMs !== undefined,
    onDecision(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async stop() {
      stopTicks();
      tuning.stop();
      // Without it another leads some seconds later; a Redis that is away is not waited for.
      const resigned = records.resign().catch(() => undefined);
      await Promise.race([resigned, setTimeout(resignMs, undefined, { ref: false })]);
    },
  };
}

const withOwn = (limits: Record<StageName, PoolLimits>, own: Partial<Record<StageName, OwnLimits>>) => ({
  fetch: tunedLimits(limits.fetch, own.fetch),
  preprocess: tunedLimits(limits.preprocess, own.preprocess),
  infer: tunedLimits(limits.infer, own.infer),
  postprocess: tunedLimits(limits.postprocess, own.postprocess),
});

const aliveOf = (measured: readonly MeasuredPool[], stage: StageName) =>
  measured.find((pool) => pool.stage === stage)?.load.alive ?? 0;
