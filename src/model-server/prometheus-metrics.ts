import { Counter, Gauge, Registry } from "prom-client";
import type { ModelRegistry } from "./model-registry.ts";
import type { ModelVersion } from "./model-version.ts";
import { failureReasons } from "./statistics.ts";

/**
 * The server's statistics under Triton's names, so that dashboards and scaling rules serve both. They are read
 * when they are asked for; nothing is counted twice.
 * https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/user_guide/metrics.html
 */
export function createMetrics(models: ModelRegistry): Registry {
  const registry = new Registry();
  const perVersion = (
    Metric: typeof Counter | typeof Gauge,
    name: string,
    help: string,
    read: (model: ModelVersion) => number,
  ) => {
    new Metric({
      name,
      help,
      labelNames: ["model", "version"],
      registers: [registry],
      collect() {
        this.reset();
        for (const model of models.list()) this.inc(labelsOf(model), read(model));
      },
    });
  };
  const snapshot = (model: ModelVersion) => model.statistics.snapshot(model.config.name, model.version);
  const microseconds = (nanoseconds: number) => Math.round(nanoseconds / 1000);

  perVersion(
    Counter,
    "nv_inference_request_success",
    "Requests that succeeded",
    (model) => snapshot(model).inference_stats.success.count,
  );
  perVersion(Counter, "nv_inference_count", "Rows (pictures) inferred", (model) => snapshot(model).inference_count);
  perVersion(Counter, "nv_inference_exec_count", "Batches computed", (model) => snapshot(model).execution_count);
  perVersion(Gauge, "nv_inference_pending_request_count", "Requests waiting in the queue", (model) => model.pending());
  for (const [name, part] of [
    ["request", "success"],
    ["queue", "queue"],
    ["compute_input", "compute_input"],
    ["compute_infer", "compute_infer"],
    ["compute_output", "compute_output"],
  ] as const)
    perVersion(
      Counter,
      `nv_inference_${name}_duration_us`,
      `Summed ${name.replace("_", " ")} time of requests`,
      (model) => microseconds(snapshot(model).inference_stats[part].ns),
    );

  new Counter({
    name: "nv_inference_request_failure",
    help: "Requests that failed",
    labelNames: ["model", "version", "reason"],
    registers: [registry],
    collect() {
      this.reset();
      for (const model of models.list()) {
        const failures = model.statistics.failures();
        for (const reason of failureReasons) this.inc({ ...labelsOf(model), reason }, failures[reason]);
      }
    },
  });
  return registry;
}

function labelsOf(model: ModelVersion): { model: string; version: string } {
  return { model: model.config.name, version: model.version };
}
