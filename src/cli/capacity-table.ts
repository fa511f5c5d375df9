/** A plan for a terminal. */
import type { CapacityPlan, PlannedLoad } from "../scaling/capacity.ts";
import { besideCpuMs } from "../scaling/documented-costs.ts";
import type { SourcedPool } from "../scaling/planned-pools.ts";
import type { Prices } from "./capacity-options.ts";
import { textTable } from "./text-table.ts";

export interface ShownPlan {
  plan: CapacityPlan;
  pools: readonly SourcedPool[];
  prices: Prices;
  /** Whether it was asked what workers carry, and not how many are needed. */
  inverse: boolean;
  notes: readonly string[];
}

const hoursPerMonth = 730;

/** Of one pool, per hour, in whatever the prices are in. */
export function costPerHour({ name, replicas, cores, memoryMiB }: PlannedLoad, prices: Prices): number {
  const price = (of: Parameters<Prices["get"]>[0]) => prices.get(of) ?? 0;
  return cores * price("core") + (memoryMiB / 1_024) * price("gib") + replicas * price(name);
}

export function capacityTable({ plan, pools, prices, inverse, notes }: ShownPlan): string {
  const priced = prices.size > 0;
  const rows = plan.pools.map((load) => {
    const pool = pools.find(({ name }) => name === load.name);
    return [
      load.name,
      String(load.replicas),
      `${rate(load.carries)}/s`,
      `+${rate(load.oneMoreCarries)}/s`,
      `${Math.round(load.busy * 100)} %`,
      load.cores.toFixed(1),
      `${(load.memoryMiB / 1_024).toFixed(1)} GiB`,
      ...(priced ? [costPerHour(load, prices).toFixed(2)] : []),
      pool ? `${decimals(pool.serviceMs)} ms, ${sourceWords[pool.source]}; ${slots(pool.concurrency)}` : "",
    ];
  });
  const head = ["", "workers", "carry", "one more", "busy", "cores", "memory", ...(priced ? ["per hour"] : []), ""];
  return [
    inverse
      ? `These carry ${rate(plan.carries)} captures a second.`
      : `For ${rate(plan.capturesPerSecond)} captures a second:`,
    "",
    ...textTable([head, ...rows, totals(plan, prices)]),
    "",
    `limits the others: ${plan.limitedBy}. One more of it, and all carry ${rate(plan.carriesWithOneMore)} captures a second.`,
    besideThem(plan),
    ...(priced ? [costs(plan, prices)] : []),
    ...notes,
  ].join("\n");
}

const sourceWords: Record<SourcedPool["source"], string> = {
  given: "as given",
  measured: "as measured",
  documented: "as documented",
  core: "what its core allows",
};

function totals({ pools, carries }: CapacityPlan, prices: Prices): string[] {
  const sum = (value: (pool: PlannedLoad) => number) => pools.reduce((total, pool) => total + value(pool), 0);
  return [
    "together",
    String(sum(({ replicas }) => replicas)),
    `${rate(carries)}/s`,
    "",
    "",
    sum(({ cores }) => cores).toFixed(1),
    `${(sum(({ memoryMiB }) => memoryMiB) / 1_024).toFixed(1)} GiB`,
    ...(prices.size > 0 ? [totalPerHour(pools, prices).toFixed(2)] : []),
  ];
}

const totalPerHour = (pools: readonly PlannedLoad[], prices: Prices) =>
  pools.reduce((total, pool) => total + costPerHour(pool, prices), 0);

function besideThem({ capturesPerSecond }: CapacityPlan): string {
  const cores = (cpuMs: number) => ((capturesPerSecond * cpuMs) / 1_000).toFixed(1);
  return `beside them: ingress ${cores(besideCpuMs.ingress)} cores, Redis ${cores(besideCpuMs.redis)} of the one that it can use`;
}

function costs({ pools, capturesPerSecond }: CapacityPlan, prices: Prices): string {
  const perHour = totalPerHour(pools, prices);
  const perMillion = (perHour / 3_600 / capturesPerSecond) * 1_000_000;
  return `costs ${perHour.toFixed(2)} an hour, ${(perHour * hoursPerMonth).toFixed(0)} a month, ${perMillion.toFixed(2)} per million captures`;
}

/** Below what it is: a promise that is rounded up is not kept. */
const rate = (capturesPerSecond: number) => {
  const fine = capturesPerSecond < 10 ? 100 : capturesPerSecond < 100 ? 10 : 1;
  return String(Math.floor(capturesPerSecond * fine + 1e-6) / fine);
};
const slots = (concurrency: number) => `${decimals(concurrency)} slot${concurrency === 1 ? "" : "s"}`;
const decimals = (value: number) => String(Number(value.toPrecision(3)));
