/** `briareus capacity`: asks a running system for its service times, and the scaling rule for the rest. */
import { readPools } from "../pipeline/pool-figures.ts";
import { connectRedis } from "../redis/connection.ts";
import { capacityOf, planCapacity } from "../scaling/capacity.ts";
import type { PlannedName } from "../scaling/documented-costs.ts";
import { measuredServiceMs } from "../scaling/measure.ts";
import { type MeasuredService, plannedPools } from "../scaling/planned-pools.ts";
import { type CapacityOptions, capacityQuestion, goalOf, overridesOf, type Prices } from "./capacity-options.ts";
import { capacityTable, costPerHour } from "./capacity-table.ts";
import { createContext } from "./context.ts";

const answerMs = 2_000;

/** @throws CommandError */
export async function runCapacity(options: CapacityOptions): Promise<void> {
  const question = capacityQuestion(options);
  const { measured, notes } = options.documented ? nothingMeasured : await readRunning();
  const pools = plannedPools(measured, overridesOf(options));
  const inverse = question.kind === "carried-by";
  const plan = inverse
    ? capacityOf(pools, question.workers, goalOf(options))
    : planCapacity(pools, question.capturesPerSecond, goalOf(options));
  const prices: Prices = options.price ?? new Map();
  if (!options.json) return console.log(capacityTable({ plan, pools, prices, inverse, notes }));
  const loads = plan.pools.map((load) => ({
    ...pools.find(({ name }) => name === load.name),
    ...load,
    ...(prices.size > 0 ? { costPerHour: costPerHour(load, prices) } : {}),
  }));
  console.log(JSON.stringify({ ...plan, goal: goalOf(options), pools: loads, notes }, null, 2));
}

interface Running {
  measured: ReadonlyMap<PlannedName, MeasuredService>;
  notes: string[];
}

const nothingMeasured: Running = { measured: new Map(), notes: [] };

/** Never throws for a system that is away: a plan is also made before there is one. */
async function readRunning(): Promise<Running> {
  const { settings } = createContext("capacity");
  const overrides = { maxRetriesPerRequest: 1, commandTimeout: answerMs };
  const redis = connectRedis(settings.redisUrl, { role: "client", overrides });
  try {
    const pools = await readPools(redis, Date.now());
    const measured = new Map<PlannedName, MeasuredService>();
    for (const pool of pools) {
      const serviceMs = measuredServiceMs(pool);
      const worker = pool.processes[0] ?? pool.last;
      if (serviceMs === undefined || serviceMs <= 0 || !worker) continue;
      const batch = Math.max(1, worker.capturesPerBatch);
      measured.set(pool.stage, { serviceMs, concurrency: worker.concurrency, batch });
    }
    return { measured, notes: measured.size > 0 ? [] : ["no worker of the running system has worked yet"] };
  } catch {
    return { measured: new Map(), notes: ["no system was asked: Redis does not answer at REDIS_URL"] };
  } finally {
    redis.disconnect();
  }
}
