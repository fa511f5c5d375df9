import { expect, test } from "vitest";
import { laptopLimits } from "../../src/local/autoscaler.ts";
import { type StageName, stageNames } from "../../src/pipeline/stages.ts";
import { decidePools } from "../../src/scaling/decide-pools.ts";
import type { PoolLoad } from "../../src/scaling/rule.ts";
import { idle, limits } from "../scaling.ts";

const nowMs = 1_000_000;
const late = { waiting: 20_000, oldestAgeMs: 30_000 };

function decisions(loads: Partial<Record<StageName, Partial<PoolLoad>>>, replicas: Partial<Record<StageName, number>>) {
  const pools = stageNames.map((stage) => ({ stage, load: { ...idle, ...loads[stage] } }));
  const decided = decidePools(pools, (stage) => ({ replicas: replicas[stage] ?? 1, limits }), nowMs);
  return Object.fromEntries(decided.map(({ stage, replicas, reason }) => [stage, [replicas, reason]]));
}

test("every pool has its decision, in the order of the pipeline", () => {
  expect(Object.keys(decisions({}, {}))).toEqual(stageNames);
});

test("pools before a saturated one are held, however far before it; pools after it are not", () => {
  const saturated = decisions(
    { fetch: { waiting: 600 }, infer: late, postprocess: { waiting: 600 } },
    { infer: limits.max },
  );
  expect(saturated.fetch).toEqual([1, "held: infer is saturated (2 would be needed)"]);
  expect(saturated.postprocess?.[0]).toBe(2);
});

test("a pool that can still grow holds nobody", () => {
  expect(decisions({ fetch: { waiting: 600 }, infer: { waiting: 2_000 } }, { infer: 1 }).fetch?.[0]).toBe(2);
});

test("the limits of a laptop let every pool grow, and none beyond what the machine bears", () => {
  for (const cores of [1, 2, 8, 64]) {
    for (const { min, max } of Object.values(laptopLimits(cores))) {
      expect(min).toBe(1);
      expect(max).toBeGreaterThanOrEqual(2);
      expect(max).toBeLessThanOrEqual(Math.max(2, cores));
    }
  }
});
