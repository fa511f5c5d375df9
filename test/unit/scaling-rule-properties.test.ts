import fc from "fast-check";
import { expect, test } from "vitest";
import { decide, type PoolHistory, type PoolLoad, type Situation } from "../../src/scaling/rule.ts";
import { idle, limits, simulate } from "../scaling.ts";

const nowMs = 1_000_000;
const amount = fc.oneof(fc.constant(0), fc.nat(50), fc.nat(2_000_000));
const load: fc.Arbitrary<PoolLoad> = fc.record({
  waiting: amount,
  active: amount,
  later: amount,
  heldBack: amount,
  arrivalsPerSecond: fc.double({ min: 0, max: 10_000, noNaN: true }),
  oldestAgeMs: fc.nat(60_000),
  serviceMs: fc.double({ min: 0.1, max: 2_000, noNaN: true }),
  concurrency: fc.integer({ min: 1, max: 64 }),
  alive: fc.nat(60),
  paused: fc.boolean(),
});
const history: fc.Arbitrary<PoolHistory> = fc
  .record({
    ageMs: fc.nat(90_000),
    raisedAgoMs: fc.nat(90_000),
    wanted: fc.array(fc.record({ agoMs: fc.nat(40_000), replicas: fc.nat(200) }), { maxLength: 40 }),
  })
  .map(({ ageMs, raisedAgoMs, wanted }) => ({
    sinceMs: nowMs - ageMs,
    raisedAtMs: nowMs - raisedAgoMs,
    wanted: wanted
      .toSorted((a, b) => b.agoMs - a.agoMs)
      .map(({ agoMs, replicas }) => ({ atMs: nowMs - agoMs, replicas })),
  }));
const situation: fc.Arbitrary<Situation> = fc.record({
  replicas: fc.nat(60),
  limits: fc
    .record({ min: fc.nat(20), more: fc.nat(40), goalMs: fc.integer({ min: 100, max: 60_000 }) })
    .map(({ min, more, goalMs }) => ({ ...limits, min, max: Math.max(1, min + more), goalMs })),
  saturatedNext: fc.option(fc.constant("infer"), { nil: undefined }),
  history: fc.option(history, { nil: undefined }),
  nowMs: fc.constant(nowMs),
});

test("the answer is a whole number of workers, never outside the limits, with a reason", () => {
  fc.assert(
    fc.property(load, situation, (pool, facts) => {
      const { replicas, reason } = decide(pool, facts);
      expect(Number.isInteger(replicas)).toBe(true);
      expect(replicas).toBeGreaterThanOrEqual(facts.limits.min);
      expect(replicas).toBeLessThanOrEqual(facts.limits.max);
      expect(reason).toMatch(/^\S.*\S$/);
      expect(reason.endsWith(`: ${facts.replicas} → ${replicas}`)).toBe(replicas !== facts.replicas);
    }),
  );
});

test("more demand never gives fewer workers", () => {
  const kinds = ["waiting", "active", "later", "heldBack", "arrivalsPerSecond", "oldestAgeMs"] as const;
  fc.assert(
    fc.property(load, situation, fc.constantFrom(...kinds), fc.nat(100_000), (pool, facts, kind, more) => {
      const before = decide(pool, facts).replicas;
      expect(decide({ ...pool, [kind]: pool[kind] + more }, facts).replicas).toBeGreaterThanOrEqual(before);
    }),
  );
});

test("a pool goes to none only when nothing waits, runs, is delayed, kept back or being rescued", () => {
  const small = fc.oneof(fc.constant(0), fc.nat(2));
  const little = fc.record({ waiting: small, active: small, later: small, heldBack: small });
  const none = { sinceMs: 0, raisedAtMs: 0, wanted: [{ atMs: nowMs - 1_000, replicas: 0 }] };
  fc.assert(
    fc.property(load, little, fc.nat(2), fc.option(fc.constant("infer")), (pool, there, now, saturatedNext) => {
      const { replicas } = decide(
        { ...pool, ...there, paused: false, arrivalsPerSecond: 0, oldestAgeMs: 0 },
        {
          replicas: now,
          limits: { ...limits, min: 0 },
          saturatedNext: saturatedNext ?? undefined,
          history: none,
          nowMs,
        },
      );
      expect(replicas > 0).toBe(there.waiting + there.active + there.later + there.heldBack > 0);
    }),
  );
});

test("a burst is answered in the tick that sees it, whatever was before", () => {
  fc.assert(
    fc.property(load, situation, (pool, facts) => {
      const { goalMs, headroom, max, min } = facts.limits;
      const burst = { ...pool, paused: false, waiting: pool.waiting + 10_000 };
      const perMs = (headroom * burst.arrivalsPerSecond) / 1000 + burst.waiting / goalMs;
      const needed = Math.floor((burst.serviceMs * perMs) / burst.concurrency);
      const { replicas } = decide(burst, { ...facts, saturatedNext: undefined });
      expect(replicas).toBeGreaterThanOrEqual(Math.max(min, Math.min(max, needed)));
    }),
  );
});

const pool = fc.record({
  serviceMs: fc.double({ min: 0.5, max: 400, noNaN: true }),
  concurrency: fc.integer({ min: 1, max: 8 }),
  batch: fc.integer({ min: 1, max: 32 }),
  startMs: fc.integer({ min: 0, max: 20_000 }),
});

test("under a constant load the number of workers settles and then never changes", () => {
  fc.assert(
    fc.property(pool, fc.double({ min: 0, max: 500, noNaN: true }), (facts, perSecond) => {
      const run = { ...facts, limits: { ...limits, min: 0, max: 400 }, arrivalsPerSecond: () => perSecond };
      const replicas = simulate(run, 1_000, 400_000).map((decision) => decision.replicas);
      expect(new Set(replicas.slice(200)).size).toBe(1);
    }),
    { numRuns: 60 },
  );
});

test("a load that swings within the window does not make the number of workers swing", () => {
  fc.assert(
    fc.property(
      pool,
      fc.integer({ min: 2, max: 28 }),
      fc.integer({ min: 1, max: 400 }),
      (facts, periodS, perSecond) => {
        const swinging = (atMs: number) => (Math.floor(atMs / 1_000) % periodS === 0 ? 2 : 0.5) * perSecond;
        const run = { ...facts, limits: { ...limits, min: 0, max: 1_000 }, arrivalsPerSecond: swinging };
        const replicas = simulate(run, 1_000, 400_000).map((decision) => decision.replicas);
        expect(new Set(replicas.slice(200)).size).toBe(1);
      },
    ),
    { numRuns: 60 },
  );
});

test("under a constant load the pool keeps up: what is there does not grow", () => {
  fc.assert(
    fc.property(pool, fc.double({ min: 1, max: 500, noNaN: true }), (facts, perSecond) => {
      const run = { ...facts, limits: { ...limits, max: 400 }, arrivalsPerSecond: () => perSecond };
      const there = simulate(run, 1_000, 400_000).map((decision) => decision.there);
      expect(there.at(-1) ?? 0).toBeLessThanOrEqual((there[300] ?? 0) + 1e-6);
    }),
    { numRuns: 60 },
  );
});

test("after a burst the pool is as small as it was before", () => {
  fc.assert(
    fc.property(pool, (facts) => {
      const burst = (nowMs: number) => (nowMs >= 60_000 && nowMs < 70_000 ? 400 : 20);
      const run = { ...facts, limits: { ...limits, max: 400 }, arrivalsPerSecond: burst };
      const replicas = simulate(run, 1_000, 400_000).map((decision) => decision.replicas);
      expect(replicas.at(-1)).toBe(replicas[59]);
      expect(Math.max(...replicas)).toBeGreaterThanOrEqual(replicas[59] ?? 0);
    }),
    { numRuns: 60 },
  );
});

test("a wrong service time is made up for by the age of what waits", () => {
  let [replicas, past] = [1, undefined as PoolHistory | undefined];
  for (let tick = 0; tick < 20; tick++) {
    const late = { ...idle, waiting: 500, serviceMs: 0.01, oldestAgeMs: 4_000, alive: replicas };
    ({ replicas, history: past } = decide(late, { replicas, limits, history: past, nowMs: tick * 1_000 }));
  }
  expect(replicas).toBe(limits.max);
});
