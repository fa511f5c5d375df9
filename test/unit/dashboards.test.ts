/** A panel whose metric nobody serves stays empty, and nobody notices before the night on which it is needed. */
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { collectProcessMetrics, registry } from "../../src/telemetry/metrics.ts";
import { dashboards, expressions } from "../dashboards.ts";

/** Triton's, by https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/user_guide/metrics.html */
const ofTriton = [
  "nv_inference_request_success",
  "nv_inference_request_failure",
  "nv_inference_count",
  "nv_inference_exec_count",
  "nv_inference_pending_request_count",
  "nv_inference_request_duration_us",
  "nv_inference_queue_duration_us",
  "nv_inference_compute_input_duration_us",
  "nv_inference_compute_infer_duration_us",
  "nv_inference_compute_output_duration_us",
  "nv_gpu_power_usage",
  "nv_gpu_power_limit",
  "nv_energy_consumption",
  "nv_gpu_utilization",
  "nv_gpu_memory_total_bytes",
  "nv_gpu_memory_used_bytes",
  "nv_cpu_utilization",
  "nv_cpu_memory_total_bytes",
  "nv_cpu_memory_used_bytes",
];
const tritonLabels = ["model", "version", "reason", "gpu_uuid"];
/** What Prometheus adds to whatever it scrapes, and our registry to all of its own. */
const everywhere = ["job", "instance", "le", "role"];

beforeAll(() => collectProcessMetrics("test"));

interface Served {
  name: string;
  type: string;
  labelNames: readonly string[];
}

/** The metrics of our processes by the names that Prometheus stores them under. */
async function ours(): Promise<Map<string, Served>> {
  const served = new Map<string, Served>();
  const types = new Map((await registry.getMetricsAsJSON()).map(({ name, type }) => [name, String(type)]));
  for (const [name, type] of types) {
    const { labelNames = [] } = { ...registry.getSingleMetric(name) } as { labelNames?: readonly string[] };
    const suffixes = type === "histogram" ? ["_bucket", "_sum", "_count"] : [""];
    for (const suffix of suffixes) served.set(name + suffix, { name, type, labelNames });
  }
  return served;
}

const metricsIn = (text: string) => text.match(/\b(?:briareus|nv|process|nodejs)_\w+/g) ?? [];

/** Label names of `by (…)`, `on (…)` and `{…}`. */
function labelsIn(expr: string): string[] {
  const groups = [...expr.matchAll(/\b(?:by|on|without|ignoring) \(([^)]*)\)/g)].flatMap(([, list]) =>
    String(list).split(","),
  );
  const matchers = [...expr.matchAll(/\{([^}]*)\}/g)].flatMap(([, list]) =>
    [...String(list).matchAll(/(\w+)\s*[=!]/g)].map(([, label]) => label),
  );
  return [...groups, ...matchers].map((label) => String(label).trim());
}

test("there is one for the pipeline, the pools, review and the models, each with an address of its own", () => {
  expect(dashboards.map(({ path }) => path.split("/").at(-1))).toEqual([
    "model-serving.json",
    "pipeline.json",
    "pool.json",
    "review.json",
  ]);
  expect(new Set(dashboards.map(({ dashboard }) => dashboard.uid)).size).toBe(dashboards.length);
  expect(expressions.length).toBeGreaterThan(40);
});

describe("every expression", () => {
  test("asks for metrics that our processes or Triton serve", async () => {
    const names = [...(await ours()).keys(), ...ofTriton, "up"];
    for (const { where, expr } of expressions) {
      const asked = [...metricsIn(expr), ...(/\bup\b/.test(expr) ? ["up"] : [])];
      expect(asked, where).not.toEqual([]);
      for (const metric of asked) expect(names, where).toContain(metric);
    }
  });

  test("groups and matches by labels that they have", async () => {
    const served = await ours();
    for (const { where, expr } of expressions) {
      const asked = metricsIn(expr);
      const known = asked.flatMap((name) => served.get(name)?.labelNames ?? []);
      const triton = asked.some((name) => name.startsWith("nv_")) ? tritonLabels : [];
      for (const label of labelsIn(expr))
        expect([...known, ...triton, ...everywhere], `${where}: ${label}`).toContain(label);
    }
  });

  test("takes rates of counters only, and never the plain value of one", async () => {
    const served = await ours();
    const cumulative = (metric: string) =>
      metric.startsWith("nv_")
        ? /^nv_(inference_(?!pending)|energy)/.test(metric)
        : ["counter", "histogram"].includes(served.get(metric)?.type ?? "") || /_total$/.test(metric);
    for (const { where, expr } of expressions) {
      const rated = [...expr.matchAll(/\b(?:rate|increase)\((\w+)/g)].map(([, name]) => String(name));
      for (const metric of rated) expect(cumulative(metric), `${where}: ${metric}`).toBe(true);
      const plain = metricsIn(expr.replaceAll(/\b(?:rate|increase)\(\w+/g, ""));
      for (const metric of plain) expect(cumulative(metric), `${where}: ${metric}`).toBe(false);
    }
  });
});

describe("every dashboard", () => {
  test("lets its viewer choose only from labels that a served metric has", async () => {
    const names = [...(await ours()).keys(), ...ofTriton];
    for (const { path, dashboard } of dashboards)
      for (const { query } of dashboard.templating.list) {
        const [, metric] = /^label_values\((\w+), \w+\)$/.exec(typeof query === "string" ? query : query.query) ?? [];
        if (metric !== undefined) expect(names, path).toContain(metric);
        else expect(query, path).toBe("prometheus");
      }
  });

  test("has panels that say what they mean, do not overlap, and stay within the width", () => {
    for (const { path, dashboard } of dashboards) {
      expect(new Set(dashboard.panels.map(({ id }) => id)).size, path).toBe(dashboard.panels.length);
      const taken = new Map<string, string>();
      for (const { type, title, description, gridPos, targets } of dashboard.panels) {
        const { x, y, w, h } = gridPos;
        expect(x + w, `${path}: ${title}`).toBeLessThanOrEqual(24);
        if (type !== "row")
          expect([targets.length > 0, Boolean(description)], `${path}: ${title}`).toEqual([true, true]);
        for (let column = x; column < x + w; column++)
          for (let line = y; line < y + h; line++) {
            expect(taken.get(`${column},${line}`), `${path}: ${title}`).toBeUndefined();
            taken.set(`${column},${line}`, title);
          }
      }
    }
  });

  test("is in docs/operate.md", () => {
    const page = readFileSync("docs/operate.md", "utf8");
    for (const { path } of dashboards) expect(page).toContain(`](../${path})`);
  });
});
