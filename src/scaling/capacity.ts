/**
 * How many workers a load needs, and what so many carry: the scaling rule asked about a load that nobody sends yet. Pure.
 *
 * At a steady rate no capture waits, and under way are, by Little's law, rate × the time of a batch. That is what the
 * rule will be asked with then, and so what it is asked with here.
 */
import type { PlannedName } from "./documented-costs.ts";
import { decide } from "./rule.ts";

export interface PlannedPool {
  name: PlannedName;
  /** Milliseconds of one slot per capture. */
  serviceMs: number;
  /** Slots of one worker: batches at a time. */
  concurrency: number;
  /** Captures of a batch. */
  batch: number;
  /** Milliseconds of a core per capture. */
  cpuMs: number;
  /** Of one worker. */
  memoryMiB: number;
}

export interface CapacityGoal {
  /** What is there shall be done within this time. */
  goalMs: number;
  /** Capacity for so many times what comes; at least 1. */
  headroom: number;
  /** Captures that come at once, besides the steady ones, and shall be done within the goal, too. */
  backlog: number;
}

export interface PlannedLoad {
  name: PlannedName;
  replicas: number;
  /** Captures a second for which the rule asks for no more than these workers. */
  carries: number;
  /** What one more of this pool carries besides. */
  oneMoreCarries: number;
  /** Captures a second with every slot at work: nothing in reserve. */
  most: number;
  /** Part of `most` that the rate takes. */
  busy: number;
  /** Cores that all of its workers take with every slot at work. */
  cores: number;
  memoryMiB: number;
}

export interface CapacityPlan {
  capturesPerSecond: number;
  pools: PlannedLoad[];
  /** The pool that is the first to need another worker. */
  limitedBy: PlannedName;
  /** Captures a second that all of it carries: the least of any pool. */
  carries: number;
  /** The same with one more worker of the pool that limits. */
  carriesWithOneMore: number;
}

/** Workers of each pool for so many captures a second. @param pools at least one */
export function planCapacity(
  pools: readonly PlannedPool[],
  capturesPerSecond: number,
  goal: CapacityGoal,
): CapacityPlan {
  const replicas = (pool: PlannedPool) => replicasFor(pool, capturesPerSecond, goal);
  return planOf(pools, replicas, () => true, capturesPerSecond, goal);
}

/**
 * What so many workers carry together. Pools whose number is not given limit nothing: they get what the others' rate needs.
 * @param given at least one
 */
export function capacityOf(
  pools: readonly PlannedPool[],
  given: ReadonlyMap<PlannedName, number>,
  goal: CapacityGoal,
): CapacityPlan {
  const rates = pools.flatMap((pool) => {
    const replicas = given.get(pool.name);
    return replicas === undefined ? [] : [carried(pool, replicas, goal)];
  });
  const rate = Math.min(...rates);
  const replicas = (pool: PlannedPool) => given.get(pool.name) ?? replicasFor(pool, rate, goal);
  return planOf(pools, replicas, ({ name }) => given.has(name), rate, goal);
}

function planOf(
  pools: readonly PlannedPool[],
  replicasOf: (pool: PlannedPool) => number,
  mayLimit: (pool: PlannedLoad) => boolean,
  capturesPerSecond: number,
  goal: CapacityGoal,
): CapacityPlan {
  const loads = pools.map((pool) => loadOf(pool, replicasOf(pool), capturesPerSecond, goal));
  const [first, second] = loads.filter(mayLimit).toSorted((a, b) => a.carries - b.carries);
  if (!first) throw new Error("there is no pool to plan");
  return {
    capturesPerSecond,
    pools: loads,
    limitedBy: first.name,
    carries: first.carries,
    carriesWithOneMore: Math.min(first.carries + first.oneMoreCarries, second?.carries ?? Number.POSITIVE_INFINITY),
  };
}

function loadOf(pool: PlannedPool, replicas: number, rate: number, goal: CapacityGoal): PlannedLoad {
  const { name, serviceMs, concurrency, cpuMs, memoryMiB } = pool;
  const carries = carried(pool, replicas, goal);
  const most = (replicas * concurrency * 1_000) / serviceMs;
  return {
    name,
    replicas,
    carries,
    oneMoreCarries: carried(pool, replicas + 1, goal) - carries,
    most,
    busy: most > 0 ? rate / most : 0,
    cores: (most * cpuMs) / 1_000,
    memoryMiB: replicas * memoryMiB,
  };
}

/** By the scaling rule, for a pool that has no worker yet and may have any number. */
function replicasFor({ serviceMs, concurrency, batch }: PlannedPool, rate: number, goal: CapacityGoal): number {
  const load = {
    waiting: goal.backlog,
    active: (rate * serviceMs * batch) / 1_000,
    later: 0,
    heldBack: 0,
    arrivalsPerSecond: rate,
    oldestAgeMs: 0,
    serviceMs,
    concurrency,
    alive: 0,
    paused: false,
  };
  const { goalMs, headroom } = goal;
  const limits = { min: 0, max: Number.MAX_SAFE_INTEGER, goalMs, stabilisationMs: 0, headroom };
  return decide(load, { replicas: 0, limits, nowMs: 0 }).replicas;
}

/** The largest rate for which the rule asks for no more workers than these: it only ever asks for more when more comes. */
function carried(pool: PlannedPool, replicas: number, goal: CapacityGoal): number {
  let [enough, tooMuch] = [0, (replicas * pool.concurrency * 1_000) / pool.serviceMs];
  if (replicas === 0 || replicasFor(pool, 0, goal) > replicas) return 0;
  for (let halving = 0; halving < 50; halving++) {
    const middle = (enough + tooMuch) / 2;
    if (replicasFor(pool, middle, goal) <= replicas) enough = middle;
    else tooMuch = middle;
  }
  return enough;
}
