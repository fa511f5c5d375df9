/** The scaling rule at work on this machine: measures four times a second, starts worker processes and drains them. */
import { availableParallelism } from "node:os";
import type { Redis } from "ioredis";
import { repeat } from "../pipeline/repeat.ts";
import type { StageName } from "../pipeline/stages.ts";
import { watchTuning } from "../pipeline/tuning/watch-tuning.ts";
import { decidePools, type PoolDecision } from "../scaling/decide-pools.ts";
import { decisionRecords } from "../scaling/decision-record.ts";
import { createMeasure } from "../scaling/measure.ts";
import { type PoolLimits, tunedLimits } from "../scaling/pool-limits.ts";
import type { PoolHistory } from "../scaling/rule.ts";
import type { Logger } from "../telemetry/logger.ts";
import { giveWay } from "./give-way.ts";
import type { WorkerPool } from "./worker-pool.ts";

const tickMs = 250;

export interface Autoscaler {
  /** The latest decision on each pool; none before the first measurement. */
  decisions(): readonly PoolDecision[];
  stop(): void;
}

export interface AutoscalerOptions {
  redis: Redis;
  pools: Record<StageName, WorkerPool>;
  /** Before tuning. */
  limits?: Record<StageName, PoolLimits>;
  /** A pool was made larger or smaller. */
  scaled: (decision: PoolDecision) => void;
  log: Logger;
}

/** While Redis does not answer, all pools stay as they are. */
export function startAutoscaler({ redis, pools, scaled, log, ...options }: AutoscalerOptions): Autoscaler {
  const limits = options.limits ?? laptopLimits(availableParallelism());
  const measure = createMeasure(redis);
  const records = decisionRecords(redis);
  const tuning = watchTuning(redis, () => undefined, log);
  const histories: Partial<Record<StageName, PoolHistory>> = {};
  let latest: PoolDecision[] = [];

  const lowered = new Set<number>();
  const lowerThoseAtWork = () => {
    for (const process of Object.values(pools).flatMap((pool) => pool.processes())) {
      const pid = process.ready() ? process.pid() : undefined;
      if (pid === undefined || lowered.has(pid)) continue;
      lowered.add(pid);
      giveWay(pid);
    }
  };

  const tick = async () => {
    lowerThoseAtWork();
    const nowMs = Date.now();
    const loads = await measure(nowMs);
    const { stages } = tuning.current();
    const stateOf = (stage: StageName) => ({
      replicas: pools[stage].size(),
      limits: tunedLimits(limits[stage], stages[stage]),
      history: histories[stage],
    });
    latest = decidePools(loads, stateOf, nowMs);
    if (await records.lead()) await records.write({ atMs: nowMs, driver: "local", defaults: limits, pools: latest });
    for (const decision of latest) {
      const { stage, replicas, reason, history } = decision;
      histories[stage] = history;
      if (replicas === pools[stage].size()) continue;
      pools[stage].setSize(replicas);
      log.info({ stage, replicas, reason }, "pool scaled");
      scaled(decision);
    }
  };
  const stopTicks = repeat(tickMs, tick, log);
  return {
    decisions: () => latest,
    stop() {
      stopTicks();
      tuning.stop();
    },
  };
}

/** What a laptop bears: a process for each core, two at least so that a pool can grow at all, four where it is not cores that bind. */
export function laptopLimits(cores: number): Record<StageName, PoolLimits> {
  const common = { min: 1, goalMs: 3_000, stabilisationMs: 15_000, headroom: 1.25 };
  const byCores = { ...common, max: Math.max(2, cores) };
  const few = { ...common, max: Math.max(2, Math.min(4, cores)) };
  return { fetch: few, preprocess: byCores, infer: few, postprocess: few };
}
