import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { variables } from "../../src/config/variables.ts";
import { stageNames, stages } from "../../src/pipeline/stages.ts";

const read = (path: string) => readFileSync(`deploy/helm/briareus/${path}`, "utf8");
const values = parse(read("values.yaml"));
const schema = z.fromJSONSchema(JSON.parse(read("values.schema.json")));

describe("the chart's values", () => {
  test("have the pools of the stage table, in its order, each as many batches at a time", () => {
    expect(Object.keys(values.pools)).toEqual(stageNames);
    for (const name of stageNames) expect(values.pools[name].concurrency, name).toBe(stages[name].concurrency);
  });

  test("have the limits and goals that the autoscaler has without a chart", () => {
    const env = (name: string) => Object.entries(variables).find(([each]) => each === name)?.[1].fallback;
    for (const name of stageNames) {
      const { min, max, goalSeconds } = values.pools[name];
      expect(`${min}..${max}@${goalSeconds}s`).toBe(env(`BRIAREUS_${name.toUpperCase()}_POOL`));
    }
    expect(values.scaling.scaleDownSeconds * 1000).toBe(Number(variables.BRIAREUS_SCALE_DOWN_MS.fallback));
  });

  test("are what their schema allows, every pool's least within its most", () => {
    expect(schema.safeParse(values).error).toBeUndefined();
    for (const pool of Object.values<{ min: number; max: number }>(values.pools))
      expect(pool.min).toBeLessThanOrEqual(pool.max);
  });

  test("that are unknown, of another type, out of range or gone are refused", () => {
    const wrong = [
      { ...values, pool: {} },
      { ...values, pools: { ...values.pools, transcode: values.pools.fetch } },
      { ...values, pools: { ...values.pools, fetch: { ...values.pools.fetch, min: "1" } } },
      { ...values, drainSeconds: -1 },
      { ...values, redis: undefined },
      { ...values, settings: { BRIAREUS_BATCH: 0 } },
      { ...values, settings: { BRIAREUS_BATSH: 8 } },
    ];
    for (const each of wrong) expect(schema.safeParse(each).success, JSON.stringify(each)).toBe(false);
    expect(schema.safeParse({ ...values, settings: { BRIAREUS_BATCH: 8 } }).success).toBe(true);
  });

  test("are explained in the chart's README, every one", () => {
    const readme = read("README.md");
    const pathsOf = (each: object, path: string): string[] => Object.entries(each).map(([key]) => `${path}${key}`);
    for (const path of [...pathsOf(values.ingress, "ingress."), ...pathsOf(values.pools.fetch, "pools.STAGE.")])
      expect(readme).toContain(`| \`${path}\` |`);
  });

  test("of docs/kubernetes.md for production are allowed", () => {
    const page = readFileSync("docs/kubernetes.md", "utf8");
    const [, example = ""] = /```yaml\n# production\.yaml\n([\s\S]*?)```/.exec(page) ?? [];
    const given = parse(example);
    expect(Object.keys(given.pools)).toEqual(stageNames);
    expect(schema.safeParse(merged(values, given)).error).toBeUndefined();
  });
});

/** Values of one's own over the chart's, as Helm does it: maps are merged, all else replaced. */
function merged(base: unknown, own: unknown): unknown {
  if (!isMap(base) || !isMap(own)) return own;
  return { ...base, ...Object.fromEntries(Object.entries(own).map(([key, value]) => [key, merged(base[key], value)])) };
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
