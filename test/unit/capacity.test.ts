/** What a load needs and what workers carry, by the scaling rule, before anybody sends it. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CapacityGoal, capacityOf, type PlannedPool, planCapacity } from "../../src/scaling/capacity.ts";
import { besideCpuMs, documentedCosts, type PlannedName, plannedNames } from "../../src/scaling/documented-costs.ts";
import { type Overrides, plannedPools } from "../../src/scaling/planned-pools.ts";
import { idle, simulate } from "../scaling.ts";

const goal: CapacityGoal = { goalMs: 3_000, headroom: 1.25, backlog: 0 };
const pool = (name: PlannedName, serviceMs: number, concurrency: number): PlannedPool => ({
  name,
  serviceMs,
  concurrency,
  batch: 16,
  cpuMs: 2,
  memoryMiB: 100,
});
const four = [pool("fetch", 10, 8), pool("preprocess", 15, 2), pool("infer", 20, 4), pool("postprocess", 5, 8)];
const replicasOf = ({ pools }: { pools: { name: string; replicas: number }[] }) =>
  Object.fromEntries(pools.map(({ name, replicas }) => [name, replicas]));

describe("a plan", () => {
  test("has as many workers as the rule's formula asks for, with the captures that are under way", () => {
    // preprocess: 15 ms × (1.25 × 0.5/ms + 500/s × 240 ms ÷ 3000 ms) ÷ 2 = 4.99
    expect(replicasOf(planCapacity(four, 500, goal))).toEqual({ fetch: 1, preprocess: 5, infer: 4, postprocess: 1 });
  });

  test("names the pool that is the first to need another worker, and what one more of it would carry", () => {
    const plan = planCapacity(four, 500, goal);
    expect(plan.limitedBy).toBe("preprocess");
    expect(plan.carries).toBeGreaterThanOrEqual(500);
    expect(replicasOf(planCapacity(four, plan.carries * 1.01, goal)).preprocess).toBe(6);
    const more = replicasOf(planCapacity(four, plan.carriesWithOneMore * 0.999, goal));
    expect(more).toEqual({ fetch: 1, preprocess: 6, infer: 4, postprocess: 1 });
  });

  test("counts cores with every slot at work, and memory by worker", () => {
    const [fetch] = planCapacity([pool("fetch", 10, 8)], 1_000, goal).pools;
    expect(fetch).toMatchObject({ replicas: 2, most: 1_600, busy: 0.625, cores: 3.2, memoryMiB: 200 });
  });

  test("works off captures that come at once within the goal", () => {
    const backlog = { ...goal, backlog: 6_000 };
    expect(replicasOf(planCapacity([pool("preprocess", 15, 2)], 100, backlog))).toEqual({ preprocess: 16 });
  });

  test("is kept by the rule itself when the load really comes: no worker more, and nothing piles up", () => {
    const [planned] = planCapacity([{ ...pool("infer", idle.serviceMs, idle.concurrency), batch: 1 }], 300, goal).pools;
    const limits = { min: 1, max: 100, goalMs: 3_000, stabilisationMs: 5_000, headroom: 1.25 };
    const steady = { limits, serviceMs: 20, concurrency: 2, batch: 1, startMs: 500, arrivalsPerSecond: () => 300 };
    const decisions = simulate(steady, 250, 60_000).slice(-40);
    expect(new Set(decisions.map(({ replicas }) => replicas))).toEqual(new Set([planned?.replicas]));
  });
});

describe("for any pool and load", () => {
  const anyPool = fc.record({
    serviceMs: fc.double({ min: 0.1, max: 2_000, noNaN: true }),
    concurrency: fc.integer({ min: 1, max: 64 }),
    batch: fc.integer({ min: 1, max: 64 }),
  });
  const anyGoal = fc.record({
    goalMs: fc.integer({ min: 100, max: 60_000 }),
    headroom: fc.double({ min: 1, max: 4, noNaN: true }),
    backlog: fc.constant(0),
  });

  test("what so many workers carry needs so many, and a little more needs one more", () => {
    fc.assert(
      fc.property(anyPool, anyGoal, fc.integer({ min: 1, max: 200 }), (facts, anyGoal, replicas) => {
        const pools = [{ ...pool("infer", 1, 1), ...facts }];
        const { carries } = capacityOf(pools, new Map([["infer", replicas]]), anyGoal);
        fc.pre(carries > 1e-3);
        expect(replicasOf(planCapacity(pools, carries, anyGoal)).infer).toBeLessThanOrEqual(replicas);
        expect(replicasOf(planCapacity(pools, carries * 1.001, anyGoal)).infer).toBeGreaterThan(replicas);
      }),
    );
  });

  test("more captures never need fewer workers, and never more than every slot at work", () => {
    const rates = fc.tuple(
      fc.double({ min: 0.01, max: 50_000, noNaN: true }),
      fc.double({ min: 0, max: 50_000, noNaN: true }),
    );
    fc.assert(
      fc.property(anyPool, anyGoal, rates, (facts, anyGoal, [rate, besides]) => {
        const pools = [{ ...pool("infer", 1, 1), ...facts }];
        const [few] = planCapacity(pools, rate, anyGoal).pools;
        const [many] = planCapacity(pools, rate + besides, anyGoal).pools;
        expect(many?.replicas).toBeGreaterThanOrEqual(few?.replicas ?? Number.NaN);
        expect(few?.busy).toBeLessThanOrEqual(1);
        expect(few?.carries).toBeLessThanOrEqual(few?.most ?? 0);
      }),
    );
  });
});

describe("what given workers carry", () => {
  test("is what the least of them carries; pools that are not named limit nothing", () => {
    const plan = capacityOf(
      four,
      new Map([
        ["preprocess", 5],
        ["infer", 40],
      ] as const),
      goal,
    );
    expect(plan.limitedBy).toBe("preprocess");
    expect(plan.carries).toBeCloseTo(501.6, 0);
    expect(replicasOf(plan)).toEqual({ fetch: 1, preprocess: 5, infer: 40, postprocess: 1 });
    expect(plan.carriesWithOneMore).toBeCloseTo((plan.carries * 6) / 5, 0);
  });
});

describe("a pool is reckoned with", () => {
  const none: Overrides = { serviceMs: new Map(), concurrency: new Map(), cpuMs: new Map(), memoryMiB: new Map() };
  const measured = new Map([["preprocess", { serviceMs: 30, concurrency: 3, batch: 9 }]] as const);
  const preprocess = (overrides: Partial<Overrides>) =>
    plannedPools(measured, { ...none, ...overrides }).find(({ name }) => name === "preprocess");

  test("what its workers measure, else what is documented", () => {
    expect(preprocess({})).toMatchObject({ serviceMs: 30, concurrency: 3, batch: 9, source: "measured" });
    const [fetch] = plannedPools(new Map(), none);
    expect(fetch).toMatchObject({ name: "fetch", serviceMs: 10, concurrency: 8, source: "documented" });
  });

  test("what was said, whatever is measured", () => {
    const serviceMs = new Map([["preprocess", 1]] as const);
    expect(preprocess({ serviceMs })).toMatchObject({ serviceMs: 1, source: "given" });
  });

  test("no more than the one core of a worker allows: many slots make nothing quicker", () => {
    const concurrency = new Map([["preprocess", 32]] as const);
    expect(preprocess({ concurrency })).toMatchObject({ serviceMs: 32 * 7.4, source: "core" });
  });
});

test("the documented costs are those that docs/benchmarks.md shows", () => {
  const page = readFileSync("docs/benchmarks.md", "utf8");
  const table = page.split("| process | CPU per capture, ms |")[1]?.split("\n\n")[0] ?? "";
  const costs = new Map([...table.matchAll(/^\| ([a-z-]+) \| ([\d.]+)/gm)].map(([, name, ms]) => [name, Number(ms)]));
  for (const name of plannedNames) expect(costs.get(name), name).toBe(documentedCosts[name].cpuMs);
  expect(costs.get("ingress")).toBe(besideCpuMs.ingress);
  expect(costs.get("redis")).toBe(besideCpuMs.redis);
});
