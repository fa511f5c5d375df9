/** ModelServers on a real API server; pods become ready by its fake kubelet. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Cluster, openCluster } from "./cluster.ts";
import { type Controller, ServingSystem } from "./serving-system.ts";

let cluster: Cluster;
let system: ServingSystem;
let controller: Controller;
const prometheus = await startPrometheus();

beforeAll(async () => {
  cluster = await openCluster();
  system = await ServingSystem.open(cluster);
  controller = await system.controller("--prometheus", prometheus.url, "--resync", "2");
});
afterAll(async () => {
  await system?.close();
  await cluster?.close();
  prometheus.close();
});

interface Deployment {
  metadata: { name: string };
  spec: { replicas: number; template: { spec: { containers: { args: string[] }[] } } };
}
const serversOf = async (name: string) => {
  const { items } = await system.get<{ items: Deployment[] }>(
    ...["deployments", "--selector", `briareus.dev/model-server=${name},app.kubernetes.io/component=server`],
  );
  return items;
};

test("the example becomes Ready, with what belongs to it, and people are told", async () => {
  await system.apply("high-risk", "high-risk");
  const { status } = await system.untilReady("high-risk");
  expect(status).toMatchObject({
    endpoint: `high-risk.${system.namespace}.svc.cluster.local:8001`,
    readyReplicas: 1,
    serving: { models: ["high-risk gs://models/high-risk/3 fp32"] },
  });
  expect(await system.condition("high-risk", "Degraded")).toBe("False AsWanted: Nothing is wrong");
  const revision = status?.serving?.revision ?? "";
  for (const name of [
    "deployment/high-risk-gateway",
    `deployment/high-risk-${revision}`,
    `service/high-risk-${revision}`,
  ])
    await system.get(name);
  for (const name of [
    "service/high-risk",
    "configmap/high-risk-gateway",
    "poddisruptionbudget/high-risk",
    "scaledobject/high-risk",
  ])
    await system.get(name);
  expect(await system.events("high-risk")).toContain(`Serves: Version ${revision} serves all traffic`);
  const table = await system.kubectl(["get", "msrv", "high-risk"]);
  expect(table).toMatch(/NAME +READY +SERVERS +MAX +GPU +VERSION/);
  expect(table).toMatch(new RegExp(`high-risk +True +1 +4 +nvidia-t4 +${revision}`));
});

test("at rest nothing is written, however often it is looked at", async () => {
  await system.untilReady("high-risk");
  const looked = () => controller.metric("briareus_serving_reconciles_total");
  // Until the last change of what was made has come back.
  const [from, before] = [await looked(), system.proxy.writes.length];
  await expect.poll(looked, { timeout: 60_000 }).toBeGreaterThan(from + 5);
  expect(system.proxy.writes.slice(before)).toEqual([]);
});

test("kubectl scale changes the servers, and never beyond max", async () => {
  await system.kubectl(["scale", "modelserver", "high-risk", "--replicas", "3"]);
  await expect.poll(async () => (await serversOf("high-risk")).map(({ spec }) => spec.replicas)).toEqual([3]);
  await expect.poll(async () => (await system.server("high-risk")).status?.readyReplicas).toBe(3);
  await system.kubectl(["scale", "modelserver", "high-risk", "--replicas", "40"]);
  await expect.poll(async () => (await serversOf("high-risk")).map(({ spec }) => spec.replicas)).toEqual([4]);
});

test("KEDA scales the ModelServer by queue time over compute time", async () => {
  await system.apply("several-on-cpu", "by-keda", {
    nodeSelector: {},
    models: [{ name: "a", uri: "gs://models/a/1" }],
  });
  await system.untilReady("by-keda");
  prometheus.answer = "5";
  await expect
    .poll(async () => (await system.server("by-keda")).spec.replicas.wanted, { timeout: 120_000 })
    .toBeGreaterThan(1);
  await expect.poll(async () => (await serversOf("by-keda"))[0]?.spec.replicas, { timeout: 60_000 }).toBeGreaterThan(1);
  expect(prometheus.queries.some((query) => query.includes("nv_inference_queue_duration_us"))).toBe(true);
  prometheus.answer = "0.5";
});

test("drift is repaired: what was changed is put back, what was deleted is made again", async () => {
  const [live] = await serversOf("high-risk");
  const name = live?.metadata.name ?? "";
  const change = [
    { op: "replace", path: "/spec/template/spec/containers/0/args/0", value: "--model-repository=/elsewhere" },
  ];
  await system.kubectl(["patch", "deployment", name, "--type=json", "--patch", JSON.stringify(change)]);
  await system.kubectl(["delete", "service/high-risk", "configmap/high-risk-gateway", "--ignore-not-found"]);
  await expect
    .poll(async () => (await serversOf("high-risk"))[0]?.spec.template.spec.containers[0]?.args[0])
    .toBe("--model-repository=/models");
  await expect.poll(() => system.get("service", "high-risk").then(Boolean, () => false)).toBe(true);
  await expect.poll(() => system.get("configmap", "high-risk-gateway").then(Boolean, () => false)).toBe(true);
});

test("a GPU type that no node has is told of, with what to do, and is served once there is one", async () => {
  await system.apply("high-risk", "no-node", { gpu: "nvidia-b9000", replicas: { min: 1, max: 1 } });
  await expect
    .poll(() => system.condition("no-node", "Degraded"))
    .toMatch(/^True NoNode: .*Add a node pool with nvidia-b9000/);
  expect(await system.condition("no-node", "Ready")).toMatch(/^False/);
  await system.apply("high-risk", "no-node", { replicas: { min: 1, max: 1 } });
  await system.untilReady("no-node");
});

test("a name that something else has is left to it, and the ModelServer says so", async () => {
  await system.kubectl(["create", "service", "clusterip", "taken", "--tcp=80:80"]);
  await system.apply("high-risk", "taken");
  await expect
    .poll(() => system.condition("taken", "Degraded"))
    .toMatch(/^True NameTaken: There is a Service taken in/);
  const { spec } = await system.get<{ spec: { ports: { port: number }[] } }>("service", "taken");
  expect(spec.ports.map(({ port }) => port)).toEqual([80]);
});

test("an API server that is away for a while is waited for, and what changed meanwhile is done", async () => {
  system.proxy.shut();
  await system.kubectl(["scale", "modelserver", "high-risk", "--replicas", "2"]);
  await system.apply("high-risk", "meanwhile");
  system.proxy.open();
  await expect
    .poll(async () => (await serversOf("high-risk")).map(({ spec }) => spec.replicas), { timeout: 60_000 })
    .toEqual([2]);
  await system.untilReady("meanwhile");
});

describe("the API server refuses", () => {
  const model = { uri: "gs://models/a/1" };
  const cases: [string, object, RegExp][] = [
    ["min above max", { model, replicas: { min: 3, max: 2 } }, /lower min or raise max/],
    ["no model", {}, /set either model or models/],
    ["model and models", { model, models: [{ name: "a", ...model }] }, /set either model or models/],
    ["tensorrt without a GPU", { model: { ...model, backend: "tensorrt" } }, /tensorrt needs a GPU: set gpu/],
    ["fp16 without a GPU", { model: { ...model, precision: "fp16" } }, /choose fp32 or int8/],
    ["python on a GPU", { gpu: "nvidia-t4", model: { ...model, backend: "python" } }, /remove gpu, or choose/],
    ["a share of no GPU", { model, gpuSharing: { clients: 2 } }, /set gpu, or remove gpuSharing/],
    ["spare GPUs of none", { model, spareGpus: 1 }, /set gpu, or remove spareGpus/],
    [
      "a delay above the goal",
      { model, latencyGoal: "5ms", batch: { queueDelay: "9ms" } },
      /shorten queueDelay or raise latencyGoal/,
    ],
    ["an address of no kind", { model: { uri: "s3://models/a/1" } }, /gs:\/\/BUCKET\/MODEL\/VERSION/],
    ["a slash at the end", { model: { uri: "gs://models/a/1/" } }, /without a slash at the end/],
    [
      "a SavedModel from the web",
      { model: { uri: "https://h/a/1", convert: { labels: ["a"] } }, engines: "gs://e" },
      /copy it there, or remove convert/,
    ],
    [
      "a SavedModel for python",
      { model: { ...model, backend: "python", convert: { labels: ["a"] } } },
      /choose one of them as backend/,
    ],
    [
      "a conversion without a place",
      { gpu: "nvidia-t4", model: { uri: "volume://c/a/1", backend: "tensorrt" } },
      /set engines to a gs:\/\/ address/,
    ],
    [
      "two models of a name",
      {
        models: [
          { name: "a", ...model },
          { name: "a", ...model },
        ],
      },
      /Duplicate value/,
    ],
    ["another precision", { model: { ...model, precision: "fp8" } }, /supported values: "fp32", "fp16", "int8"/],
  ];
  for (const [what, spec, message] of cases)
    test(`${what}, and says what to do`, async () => {
      const object = { apiVersion: "briareus.dev/v1alpha1", kind: "ModelServer", metadata: { name: "wrong" }, spec };
      const applied = system.kubectl(["apply", "--dry-run=server", "--filename", "-"], JSON.stringify(object));
      await expect(applied).rejects.toThrow(message);
    });

  test("another model name or a change between model and models", async () => {
    const patch = (spec: object) =>
      system.kubectl(["patch", "modelserver", "high-risk", "--type=merge", "--patch", JSON.stringify({ spec })]);
    await expect(patch({ model: { name: "other" } })).rejects.toThrow(/keep model.name, or make a new ModelServer/);
    const models = [{ name: "a", uri: "gs://models/a/1" }];
    await expect(patch({ model: null, models })).rejects.toThrow(/do not change into each other/);
  });

  test("a name that no Service could have", async () => {
    const name = "a".repeat(41);
    await expect(system.apply("high-risk", name)).rejects.toThrow(/at most 40/);
  });
});

test("deleting ends the traffic first, then the servers, and leaves nothing", async () => {
  const { status } = await system.untilReady("high-risk");
  const deployment = `deployments/high-risk-${status?.serving?.revision}`;
  const before = system.proxy.writes.length;
  await system.kubectl(["delete", "modelserver", "high-risk", "--timeout=90s"]);
  const writes = system.proxy.writes.slice(before);
  const gateway = writes.findIndex(
    (write) => write.startsWith("PATCH") && write.endsWith("deployments/high-risk-gateway"),
  );
  const servers = writes.findIndex((write) => write.startsWith("DELETE") && write.endsWith(deployment));
  expect(gateway).toBeGreaterThanOrEqual(0);
  expect(servers).toBeGreaterThan(gateway);
  const left = async () =>
    await system.kubectl([
      "get",
      "deploy,svc,cm,pdb,scaledobject",
      "--selector",
      "briareus.dev/model-server=high-risk",
      "--output",
      "name",
    ]);
  await expect.poll(left, { timeout: 60_000 }).toBe("");
});

/** As much of Prometheus as KEDA asks. */
async function startPrometheus() {
  // The value that is aimed at: servers stay as many as there are.
  const state = { answer: "0.5", queries: [] as string[], url: "", close: () => void server.close() };
  const server = createServer((request, response) => {
    state.queries.push(new URL(request.url ?? "/", "http://localhost").searchParams.get("query") ?? "");
    const result = [{ metric: {}, value: [Date.now() / 1_000, state.answer] }];
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ status: "success", data: { resultType: "vector", result } }));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return state;
}
