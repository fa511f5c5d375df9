/**
 * The last minute of readings, for what only shows between two of them: rates, and quantiles of times.
 */
import type { PoolFigures } from "../../pipeline/pool-figures.ts";
import type { StageName } from "../../pipeline/stages.ts";
import { quantileMs } from "../../pipeline/time-histogram.ts";
import { type StageTime, type Totals, timesOf } from "../../pipeline/totals.ts";

export interface Reading {
  atMs: number;
  pools: readonly PoolFigures[];
  totals: Totals;
}

const rateMs = 10_000;
const quantilesMs = 60_000;
/** Workers report every second: over less a rate is noise. */
const leastMs = 2_000;
/** Of fewer captures a quantile says nothing. */
const fewCaptures = 20;

export interface Window {
  /** The newest. Readings from before Redis lost its data are forgotten. */
  add(reading: Reading): void;
  /** Mean of ten seconds, a second; null where too little was seen. @param names of totals that are added up */
  perSecond(...names: string[]): number | null;
  quantiles(stage: StageName, what: StageTime): { p50: number | null; p95: number | null };
  /** Share of a pool's slots at work, mean of ten seconds; null without workers. */
  busy(stage: StageName): number | null;
  depthRises(stage: StageName): boolean;
}

export function createWindow(): Window {
  let readings: Reading[] = [];
  /** The one from so long ago, or the oldest since. */
  const from = (ms: number): { then: Reading; now: Reading } | undefined => {
    const now = readings.at(-1);
    const then = now && readings.find(({ atMs }) => now.atMs - atMs <= ms);
    return now && then && now.atMs - then.atMs >= leastMs ? { now, then } : undefined;
  };
  return {
    add(reading) {
      const last = readings.at(-1);
      if (last && (reading.atMs <= last.atMs || hasShrunk(last.totals, reading.totals))) readings = [];
      readings = [...readings.filter(({ atMs }) => reading.atMs - atMs <= quantilesMs), reading];
    },
    perSecond(...names) {
      const between = from(rateMs);
      if (!between) return null;
      const { now, then } = between;
      const sum = ({ totals }: Reading) => names.reduce((total, name) => total + (totals.get(name) ?? 0), 0);
      return ((sum(now) - sum(then)) * 1_000) / (now.atMs - then.atMs);
    },
    quantiles(stage, what) {
      const between = from(quantilesMs);
      if (!between) return { p50: null, p95: null };
      const before = timesOf(between.then.totals, stage, what);
      const counts = new Map(
        [...timesOf(between.now.totals, stage, what)].map(([bucket, count]) => [
          bucket,
          count - (before.get(bucket) ?? 0),
        ]),
      );
      if ([...counts.values()].reduce((sum, count) => sum + count, 0) < fewCaptures) return { p50: null, p95: null };
      return { p50: quantileMs(counts, 0.5) ?? null, p95: quantileMs(counts, 0.95) ?? null };
    },
    busy(stage) {
      const now = readings.at(-1);
      const recent = readings.filter(({ atMs }) => now && now.atMs - atMs <= rateMs);
      const processes = recent.flatMap(({ pools }) => pools.find((pool) => pool.stage === stage)?.processes ?? []);
      const slots = processes.reduce((sum, { concurrency }) => sum + concurrency, 0);
      return slots === 0 ? null : Math.min(1, processes.reduce((sum, { active }) => sum + active, 0) / slots);
    },
    depthRises(stage) {
      const between = from(rateMs);
      return between !== undefined && depthOf(between.now, stage) > depthOf(between.then, stage);
    },
  };
}

function hasShrunk(before: Totals, now: Totals): boolean {
  return [...before].some(([name, count]) => (now.get(name) ?? 0) < count);
}

function depthOf({ pools }: Reading, stage: StageName): number {
  const pool = pools.find((each) => each.stage === stage);
  return pool ? readyCaptures(pool) + pool.captures.later : 0;
}

/** Captures that wait or are at work: all but those that come back later. */
export const readyCaptures = ({ captures: { waiting, active, suspects } }: PoolFigures) => waiting + active + suspects;
