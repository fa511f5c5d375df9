/** A pool as it is measured, with what it works under before a change of tuning and after it. Pure. */
import { type StageName, stages } from "../pipeline/stages.ts";
import type { PoolLimits } from "./pool-limits.ts";
import type { PoolLoad } from "./rule.ts";

/** What a pool works under. */
export interface PoolSettings {
  limits: PoolLimits;
  /** Slots of one worker. */
  concurrency: number;
  paused: boolean;
}

export interface PoolUnderChange {
  stage: StageName;
  load: PoolLoad;
  /** Workers that it has now. */
  replicas: number;
  /** Whether somebody scales it: else it keeps the workers that it has. */
  scaled: boolean;
  before: PoolSettings;
  after: PoolSettings;
}

export type Side = "before" | "after";

/** Of a stage that is bound by the CPU more slots share the same cores, so that a capture takes one of them longer. */
export function serviceMs({ stage, load, before, after }: PoolUnderChange, side: Side): number {
  const shared = side === "after" && stages[stage].boundBy === "cpu" && after.concurrency > before.concurrency;
  return shared ? (load.serviceMs * after.concurrency) / before.concurrency : load.serviceMs;
}

/** Captures a second that so many workers do. */
export function capacity(pool: PoolUnderChange, side: Side, replicas: number): number {
  const { concurrency, paused } = pool[side];
  if (paused || replicas === 0) return 0;
  return (replicas * concurrency * 1_000) / serviceMs(pool, side);
}

/** The most workers that a pool may have. */
export const mostReplicas = (pool: PoolUnderChange, side: Side) =>
  pool.scaled ? pool[side].limits.max : pool.replicas;
