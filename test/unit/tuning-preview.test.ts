import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type StageName, stageNames } from "../../src/pipeline/stages.ts";
import { poolsUnderChange } from "../../src/scaling/deployment.ts";
import { tunedLimits } from "../../src/scaling/pool-limits.ts";
import type { PoolSettings, PoolUnderChange } from "../../src/scaling/pool-under-change.ts";
import { type ChangePreview, previewChange } from "../../src/scaling/preview.ts";
import type { PoolLoad } from "../../src/scaling/rule.ts";
import { idle, limits } from "../scaling.ts";

const nowMs = 1_000_000;
const deadlineMs = 60_000;
const settings: PoolSettings = { limits, concurrency: 2, paused: false };
type Facts = {
  load?: Partial<PoolLoad>;
  replicas?: number;
  scaled?: boolean;
  before?: PoolSettings;
  after?: PoolSettings;
};

function pool(stage: StageName, { load, replicas = 1, scaled = true, before = settings, after = before }: Facts = {}) {
  return { stage, load: { ...idle, ...load }, replicas, scaled, before, after } satisfies PoolUnderChange;
}
/** All four pools, one of them with these facts. */
const around = (stage: StageName, facts: Facts) =>
  stageNames.map((each) => pool(each, each === stage ? facts : undefined));
const preview = (pools: readonly PoolUnderChange[]) => previewChange(pools, { deadlineMs, nowMs });
function of(preview: ChangePreview, stage: StageName) {
  const found = preview.pools.find((each) => each.stage === stage);
  if (!found) throw new Error(`no preview of ${stage}`);
  return found;
}
const under = (change: Partial<PoolSettings["limits"]>): PoolSettings => ({
  ...settings,
  limits: { ...limits, ...change },
});

describe("a preview", () => {
  const backlog = { waiting: 1_200, arrivalsPerSecond: 100 };

  test("says where the pool ends up and how long its backlog takes, before and after", () => {
    // 20 × (1.25 × 0.1 + 1200 ÷ 3000) ÷ 2 = 5.25, so six workers, that do 600/s; three do 300/s.
    const found = preview(around("infer", { load: { ...backlog, alive: 5 }, replicas: 5, after: under({ max: 3 }) }));
    expect(of(found, "infer")).toEqual({
      stage: "infer",
      replicas: { from: 6, to: 3 },
      drainSeconds: { from: 1_200 / 500, to: 1_200 / 200 },
      reason: "the limits are 1 to 3: 5 → 3",
    });
    expect(found.warnings).toEqual(["infer: 2 of 5 running will drain"]);
  });

  test("does not wait for the rule's window: fewer workers are shown at once", () => {
    const found = preview(around("fetch", { replicas: 8, load: { alive: 8 }, after: under({ goalMs: 1_000 }) }));
    expect(of(found, "fetch").replicas).toEqual({ from: 1, to: 1 });
  });

  test("says that a backlog never ends where more comes than goes", () => {
    const found = preview(around("infer", { load: { ...backlog, arrivalsPerSecond: 150 }, after: under({ max: 1 }) }));
    expect(of(found, "infer").drainSeconds).toEqual({ from: 1_200 / (600 - 150), to: null });
    expect(found.warnings).toEqual(["infer: at most 100/s with all its workers, and 150/s come"]);
  });

  test("names the pool that limits the others, which a change can move", () => {
    const slow = { load: { serviceMs: 40 }, after: under({ max: 30 }) };
    const found = preview(around("infer", slow));
    expect(found.bottleneck).toEqual({ from: "infer", to: "fetch" });
  });

  test("of a pause says what keeps coming, and when the first expires", () => {
    const after = { ...settings, paused: true };
    const busy = { load: { ...backlog, arrivalsPerSecond: 212, oldestAgeMs: 30_000 }, after };
    const found = preview(around("preprocess", busy));
    expect(found.warnings).toEqual(["preprocess: 212/s keep coming, first expiry within 30 s"]);
    expect(of(found, "preprocess")).toMatchObject({ reason: "held: the queue is paused", drainSeconds: { to: null } });
    expect(found.bottleneck.to).toBe("preprocess");
    expect(preview(around("fetch", { after })).warnings).toEqual([
      "fetch: 0/s keep coming; what comes expires after 60 s",
    ]);
    expect(preview(around("postprocess", busy)).warnings).toEqual([
      "postprocess: 212/s keep coming, and no verdict leaves",
    ]);
    expect(preview(around("fetch", { before: after })).warnings).toEqual([]);
  });

  test("expects no more of cores that are shared by more slots, but of the network", () => {
    const after = { ...settings, concurrency: 4 };
    const work = {
      load: { waiting: 1_000 },
      replicas: 1,
      after,
      before: { ...settings, limits: { ...limits, max: 1 } },
    };
    const capped = { ...work, after: { ...work.before, concurrency: 4 } };
    const [cpu, network] = [preview(around("preprocess", capped)), preview(around("fetch", capped))];
    expect(of(cpu, "preprocess").drainSeconds).toEqual({ from: 10, to: 10 });
    expect(cpu.warnings).toHaveLength(1);
    expect(cpu.warnings[0]).toContain("bound by the CPU");
    expect(of(network, "fetch").drainSeconds).toEqual({ from: 10, to: 5 });
    expect(network.warnings).toEqual([]);
  });

  test("of a pool that nobody scales keeps its workers and says so", () => {
    const found = preview(
      around("infer", { load: backlog, replicas: 2, scaled: false, after: under({ max: 9, min: 4 }) }),
    );
    expect(of(found, "infer")).toMatchObject({ replicas: { from: 2, to: 2 }, reason: "nobody scales this pool" });
    expect(found.warnings).toEqual([
      "infer: nobody scales this pool, so min, max and goal do nothing until somebody does",
    ]);
  });

  test("of no change shows no change and warns of nothing", () => {
    fc.assert(
      fc.property(load, fc.nat(12), settingsOf, fc.boolean(), (work, replicas, before, scaled) => {
        const found = preview(around("infer", { load: work, replicas, before, scaled }));
        for (const { replicas, drainSeconds } of found.pools) {
          expect(replicas.to).toBe(replicas.from);
          expect(drainSeconds.to).toBe(drainSeconds.from);
        }
        expect(found.bottleneck.to).toBe(found.bottleneck.from);
        expect(found.warnings).toEqual([]);
      }),
    );
  });

  test("stays within the limits, counts no time below nought, and a pool with more workers at most never drains later", () => {
    fc.assert(
      fc.property(load, fc.nat(12), settingsOf, fc.integer({ min: 0, max: 20 }), (work, replicas, before, more) => {
        const { min, max } = before.limits;
        const after = { ...before, limits: { ...before.limits, max: max + more } };
        const found = of(preview(around("fetch", { load: work, replicas, before, after })), "fetch");
        // A paused pool is held as it is, but for the limits.
        expect(found.replicas.to).toBeGreaterThanOrEqual(min);
        expect(found.replicas.to).toBeLessThanOrEqual(max + more);
        const { from, to } = found.drainSeconds;
        for (const each of [from, to]) expect(each ?? 0).toBeGreaterThanOrEqual(0);
        expect(to ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(from ?? Number.POSITIVE_INFINITY);
      }),
    );
  });
});

const load = fc.record({
  waiting: fc.nat(100_000),
  active: fc.nat(100),
  arrivalsPerSecond: fc.double({ min: 0, max: 5_000, noNaN: true }),
  oldestAgeMs: fc.nat(100_000),
  serviceMs: fc.double({ min: 0.1, max: 1_000, noNaN: true }),
  alive: fc.nat(12),
});
const settingsOf: fc.Arbitrary<PoolSettings> = fc
  .tuple(
    fc.nat(5),
    fc.integer({ min: 1, max: 20 }),
    fc.integer({ min: 100, max: 60_000 }),
    fc.integer({ min: 1, max: 64 }),
    fc.boolean(),
  )
  .map(([min, more, goalMs, concurrency, paused]) => ({
    limits: { ...limits, min, max: min + more, goalMs },
    concurrency,
    paused,
  }));

describe("limits", () => {
  test("that are tuned stand in the place of the driver's, field by field", () => {
    expect(tunedLimits(limits)).toEqual(limits);
    expect(tunedLimits(limits, { max: 4, goalMs: 500, paused: true })).toEqual({ ...limits, max: 4, goalMs: 500 });
  });

  test("that cross since the deployment changed give way to the tuned one", () => {
    expect(tunedLimits({ ...limits, min: 1, max: 3 }, { min: 5 })).toMatchObject({ min: 5, max: 5 });
    expect(tunedLimits({ ...limits, min: 4, max: 9 }, { max: 2 })).toMatchObject({ min: 2, max: 2 });
  });

  test("never cross", () => {
    const numbers = fc.nat(50);
    const pair = fc.tuple(numbers, numbers).map(([a, b]) => ({ min: Math.min(a, b), max: Math.max(a, b) }));
    const tuned = fc.oneof(
      pair,
      numbers.map((min) => ({ min })),
      numbers.map((max) => ({ max })),
      fc.constant({}),
    );
    fc.assert(
      fc.property(pair, tuned, (defaults, tuning) => {
        const { min, max } = tunedLimits({ ...limits, ...defaults }, tuning);
        expect(min).toBeLessThanOrEqual(max);
        expect({ min, max }).toMatchObject(tuning);
      }),
    );
  });
});

test("a queue that somebody paused by its own flag stays paused in a preview, whatever is tuned", () => {
  const deployed = [{ stage: "infer" as const, replicas: 1, concurrency: 4, batch: 16, limits }];
  const measured = [{ stage: "infer" as const, load: { ...idle, paused: true } }];
  const pausedIn = (before: boolean, after: boolean) =>
    poolsUnderChange(measured, deployed, {
      before: { infer: { paused: before } },
      after: { infer: { paused: after, concurrency: 7 } },
    }).map(({ before, after }) => [before.paused, after.paused, after.concurrency]);
  expect(pausedIn(false, false)).toEqual([[true, true, 7]]);
  expect(pausedIn(true, false)).toEqual([[true, false, 7]]);
});
