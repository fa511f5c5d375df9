/** What scales ModelServers where KEDA does not, on a real API server. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Cluster, openCluster } from "./cluster.ts";
import { type Controller, ServingSystem } from "./serving-system.ts";

let cluster: Cluster;
let system: ServingSystem;
let controller: Controller;

beforeAll(async () => {
  cluster = await openCluster();
  system = await ServingSystem.open(cluster);
  controller = await system.controller("--queue-metric", "model_server_queue_over_compute", "--resync", "2");
});
afterAll(async () => {
  await system?.close();
  await cluster?.close();
});

interface Autoscaler {
  spec: { metrics: object[]; scaleTargetRef: { kind: string } };
  status?: { conditions?: { type: string; status: string; message: string }[] };
}
const autoscalers = async () => (await system.get<{ items: Autoscaler[] }>("hpa")).items;

test("an HPA asks for the queue metric of its ModelServer, can scale it, and is written once", async () => {
  await system.apply("high-risk", "metered");
  await system.untilReady("metered");
  const [hpa] = await autoscalers();
  expect(hpa?.spec.metrics).toEqual([
    {
      type: "External",
      external: {
        metric: {
          name: "model_server_queue_over_compute",
          selector: { matchLabels: { namespace: system.namespace, model_server: "metered" } },
        },
        target: { type: "Value", value: "500m" },
      },
    },
  ]);
  // Kubernetes' own controller has found the ModelServer's scale, and asks for the metric; nobody here has it.
  const conditions = async () => (await autoscalers())[0]?.status?.conditions;
  await expect.poll(conditions).toContainEqual(expect.objectContaining({ type: "AbleToScale", status: "True" }));
  await expect.poll(conditions).toContainEqual(
    expect.objectContaining({
      ...{ type: "ScalingActive", status: "False", reason: "FailedGetExternalMetric" },
      message: expect.stringContaining(`external metric ${system.namespace}/model_server_queue_over_compute/`),
    }),
  );
  await expect
    .poll(() => system.condition("metered", "Autoscaled"))
    .toMatch(
      /^False FailedGetExternalMetric: HorizontalPodAutoscaler metered .*kubectl describe horizontalpodautoscaler metered/,
    );
  const looked = () => controller.metric("briareus_serving_reconciles_total");
  const [from, before] = [await looked(), system.proxy.writes.length];
  await expect.poll(looked, { timeout: 60_000 }).toBeGreaterThan(from + 5);
  expect(system.proxy.writes.slice(before)).toEqual([]);
});

test("where nothing is left to scale it, the HPA goes, it serves on, and a condition says what to do", async () => {
  await controller.stop();
  await system.controller();
  await expect
    .poll(() => system.condition("metered", "Autoscaled"), { timeout: 60_000 })
    .toMatch(
      /^False NothingScales: .*start the serving controller with --prometheus.* kubectl scale modelserver metered/,
    );
  await expect.poll(autoscalers).toEqual([]);
  expect(await system.condition("metered", "Ready")).toMatch(/^True/);
});
