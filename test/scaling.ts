/** What the scaling rule is asked with, and a pool in fluid form that obeys it. */
import type { PoolLimits } from "../src/scaling/pool-limits.ts";
import { type Decision, decide, type PoolHistory, type PoolLoad } from "../src/scaling/rule.ts";

export const limits: PoolLimits = { min: 1, max: 10, goalMs: 3_000, stabilisationMs: 30_000, headroom: 1.25 };

export const idle: PoolLoad = {
  waiting: 0,
  active: 0,
  later: 0,
  heldBack: 0,
  arrivalsPerSecond: 0,
  oldestAgeMs: 0,
  serviceMs: 20,
  concurrency: 2,
  alive: 1,
  paused: false,
};

export interface SimulatedPool {
  limits: PoolLimits;
  serviceMs: number;
  concurrency: number;
  batch: number;
  startMs: number;
  arrivalsPerSecond: (nowMs: number) => number;
}

/** Runs a pool under the rule, tick by tick; new workers work after `startMs`. Gives one decision per tick. */
export function simulate(pool: SimulatedPool, tickMs: number, forMs: number): (Decision & { there: number })[] {
  const { serviceMs, concurrency } = pool;
  let [queue, replicas] = [0, pool.limits.min];
  let history: PoolHistory | undefined;
  let started: number[] = Array(replicas).fill(Number.NEGATIVE_INFINITY);
  const decisions = [];
  for (let nowMs = 0; nowMs < forMs; nowMs += tickMs) {
    const alive = started.filter((sinceMs) => nowMs - sinceMs >= pool.startMs).length;
    const perMs = (alive * concurrency) / serviceMs;
    const arrivalsPerMs = pool.arrivalsPerSecond(nowMs) / 1000;
    const done = Math.min(queue + arrivalsPerMs * tickMs, perMs * tickMs);
    queue += arrivalsPerMs * tickMs - done;
    const active = (done / tickMs) * serviceMs * pool.batch;
    const oldestAgeMs = queue < 1e-6 ? 0 : queue / Math.max(arrivalsPerMs, perMs, 1e-9);
    const arrivalsPerSecond = arrivalsPerMs * 1000;
    const load = { ...idle, waiting: queue, active, arrivalsPerSecond, oldestAgeMs, serviceMs, concurrency, alive };
    const decision = decide(load, { replicas, limits: pool.limits, history, nowMs });
    ({ history, replicas } = decision);
    while (started.length < replicas) started.push(nowMs);
    started = started.slice(0, replicas);
    decisions.push({ ...decision, there: queue + active });
  }
  return decisions;
}
