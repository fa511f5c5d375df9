/** What the rule is asked with, from what the pools' figures say now and said a moment before. */
import type { Redis } from "ioredis";
import { type PoolFigures, readPools } from "../pipeline/pool-figures.ts";
import type { StageFigures } from "../pipeline/stage-meter.ts";
import { type StageName, stages } from "../pipeline/stages.ts";
import type { PoolLoad } from "./rule.ts";

/** Arrivals are counted over so long: over less, single batches would look like bursts. */
const arrivalsMs = 1_000;
/** Processes that have done more batches than this count alike; those that begin, less. */
const knownBatches = 20;
/** Milliseconds of a slot per capture until a worker has ever said: about what two laptop cores need. */
export const assumedServiceMs: Record<StageName, number> = { fetch: 10, preprocess: 15, infer: 20, postprocess: 5 };

export interface MeasuredPool {
  stage: StageName;
  load: PoolLoad;
}

/** Reads all pools, in one call of Redis each time. @throws Error when Redis does not answer: never noughts */
export function createMeasure(redis: Redis): (nowMs: number) => Promise<MeasuredPool[]> {
  let past: { atMs: number; pools: PoolFigures[] }[] = [];
  return async (nowMs) => {
    const pools = await readPools(redis, nowMs);
    past = [...past.filter(({ atMs }) => nowMs - atMs <= arrivalsMs), { atMs: nowMs, pools }];
    const { atMs, pools: before } = past[0] ?? { atMs: nowMs, pools };
    return pools.map((pool, index) => {
      const arrivalsPerSecond = arrivals(before[index] ?? pool, pool, nowMs - atMs);
      return { stage: pool.stage, load: loadOf(pool, arrivalsPerSecond) };
    });
  };
}

/** Captures a second put on a pool's queue between two readings; retries are among them, for they are work too. */
function arrivals(before: PoolFigures, now: PoolFigures, betweenMs: number): number {
  const batches = now.addedBatches - before.addedBatches;
  return batches <= 0 || betweenMs <= 0 ? 0 : (batches * now.capturesPerBatch * 1000) / betweenMs;
}

/** @param arrivalsPerSecond captures */
function loadOf(pool: PoolFigures, arrivalsPerSecond: number): PoolLoad {
  const { captures, processes, stage } = pool;
  const slots = processes.reduce((sum, { concurrency }) => sum + concurrency, 0);
  return {
    waiting: captures.waiting + captures.suspects,
    active: captures.active,
    later: captures.later,
    // Nobody can say how much; that the queue is as long as it may be means as much again.
    heldBack: pool.keptBack ? captures.waiting : 0,
    arrivalsPerSecond,
    oldestAgeMs: pool.oldestAgeMs,
    serviceMs: measuredServiceMs(pool) ?? assumedServiceMs[stage],
    concurrency: processes.length > 0 ? slots / processes.length : stages[stage].concurrency,
    alive: processes.length,
    paused: pool.paused,
  };
}

/** The mean over the pool's processes; before they have done anything, that of the last one that had; undefined: none ever has. */
export function measuredServiceMs({ processes, last }: PoolFigures): number | undefined {
  const weigh = ({ batches }: StageFigures) => Math.min(batches, knownBatches);
  const weights = processes.reduce((sum, process) => sum + weigh(process), 0);
  if (weights === 0) return last?.serviceMsPerCapture;
  return processes.reduce((sum, process) => sum + process.serviceMsPerCapture * weigh(process), 0) / weights;
}
