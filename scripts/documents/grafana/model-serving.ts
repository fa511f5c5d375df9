import type { Dashboard } from "./dashboard.ts";
import { perSecond, quantile, same } from "./promql.ts";

const ofModel = '{model=~"$model"}';

/** Mean microseconds of a request in one part of its way. */
const perRequest = (part: string) =>
  `${perSecond(`nv_inference_${part}_duration_us${ofModel}`)} / ${perSecond(`nv_inference_request_success${ofModel}`)}`;

export const modelServingDashboard: Dashboard = {
  name: "model-serving",
  title: "Briareus: model serving",
  about: "Triton and our model server, which has the same names; the GPUs; the controller of ModelServers.",
  variables: [{ name: "model", label: "Model", query: "label_values(nv_inference_count, model)" }],
  rows: [
    {
      title: "Load",
      panels: [
        {
          title: "Pictures",
          about: "Scored per second, by model and version.",
          unit: "cps",
          queries: [
            { expr: perSecond(`nv_inference_count${ofModel}`, "model, version"), legend: "{{model}} {{version}}" },
          ],
        },
        {
          title: "Pictures of a batch",
          about: "Near 1 on a GPU: the server's dynamic batching has too little to do, or its delay is too short.",
          queries: [
            {
              expr: `${perSecond(`nv_inference_count${ofModel}`, "model")} / ${perSecond(`nv_inference_exec_count${ofModel}`, "model")}`,
              legend: "{{model}}",
            },
          ],
        },
        {
          title: "Requests that failed, by reason",
          about: "REJECTED: the queue was full, or a request waited too long.",
          unit: "reqps",
          queries: [
            {
              expr: perSecond(`nv_inference_request_failure${ofModel}`, "model, reason"),
              legend: "{{model}}: {{reason}}",
            },
          ],
        },
      ],
    },
    {
      title: "Time",
      panels: [
        {
          title: "Of a request",
          about: "Queue above twice compute: runbook “The model server queues”.",
          unit: "µs",
          queries: [
            { expr: perRequest("queue"), legend: "queue" },
            { expr: perRequest("compute_input"), legend: "input" },
            { expr: perRequest("compute_infer"), legend: "compute" },
            { expr: perRequest("compute_output"), legend: "output" },
          ],
        },
        {
          title: "Requests that wait",
          about: "By server: one line far above the others is a server that the balancer does not spare.",
          queries: [
            {
              expr: `sum by (instance, model) (nv_inference_pending_request_count${ofModel})`,
              legend: "{{instance}} {{model}}",
            },
          ],
        },
      ],
    },
    {
      title: "GPUs (Triton)",
      panels: [
        {
          title: "Busy",
          about: "Share of time with a kernel at work. High and no queue: well used.",
          unit: "percentunit",
          queries: [{ expr: "nv_gpu_utilization", legend: "{{instance}} {{gpu_uuid}}" }],
        },
        {
          title: "Memory",
          about: "Share of what the GPU has.",
          unit: "percentunit",
          queries: [
            { expr: "nv_gpu_memory_used_bytes / nv_gpu_memory_total_bytes", legend: "{{instance}} {{gpu_uuid}}" },
          ],
        },
        {
          title: "Power",
          about: "At its limit for long, the GPU slows down.",
          unit: "watt",
          queries: [{ expr: "nv_gpu_power_usage", legend: "{{instance}} {{gpu_uuid}}" }],
        },
      ],
    },
    {
      title: "Controller of ModelServers",
      panels: [
        {
          title: "ModelServers looked at",
          about: "Failed ones are tried again, later each time; its log says why.",
          unit: "cps",
          queries: [{ expr: perSecond("briareus_serving_reconciles_total", "outcome"), legend: "{{outcome}}" }],
        },
        {
          title: "Time and queue",
          about: "Slow looks with a queue: the API server is slow.",
          queries: [
            { expr: quantile(0.99, "briareus_serving_reconcile_seconds"), legend: "seconds, 99 %" },
            { expr: same("briareus_serving_queue_depth"), legend: "waiting" },
          ],
        },
        {
          title: "Leaders and writes",
          about: "One leader, always; at rest no PATCH, POST and DELETE.",
          queries: [
            { expr: "sum(briareus_serving_leader)", legend: "leaders" },
            {
              expr: perSecond('briareus_serving_api_requests_total{verb=~"PATCH|POST|DELETE"}', "verb"),
              legend: "{{verb}} per second",
            },
          ],
        },
      ],
    },
  ],
};
