/** New versions of a ModelServer on a real API server: canary, comparison, conversion, and the way back. */
import { createServer } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { ports } from "../../src/serving/render/manifest.ts";
import { type Cluster, openCluster } from "./cluster.ts";
import { ServingSystem } from "./serving-system.ts";

let cluster: Cluster;
let system: ServingSystem;
const cleanups: (() => unknown)[] = [];

beforeAll(async () => {
  cluster = await openCluster();
  system = await ServingSystem.open(cluster);
  await system.controller();
});
afterAll(async () => {
  for (const cleanUp of cleanups) await cleanUp();
  await system?.close();
  await cluster?.close();
});

const model = (version: number) => ({ model: { uri: `gs://models/high-risk/${version}` } });
const one = { replicas: { min: 1, max: 1 } };
const servingModel = async (name: string) => (await system.server(name)).status?.serving?.models.join() ?? "";

/** The share of each version, as Envoy reads it. */
async function shares(name: string): Promise<Record<string, number>> {
  const { data } = await system.get<{ data: Record<string, string> }>("configmap", `${name}-gateway`);
  const [host] = parse(data["routes.yaml"] ?? "").resources[0].virtual_hosts;
  const { route } = host.routes[0];
  if (route.cluster) return { [route.cluster]: 100 };
  const clusters: { name: string; weight: number }[] = route.weighted_clusters.clusters;
  return Object.fromEntries(clusters.map((each) => [each.name, each.weight]));
}

/** Pods of a version. */
async function podsOf(name: string, revision: string): Promise<string[]> {
  const selector = `briareus.dev/model-server=${name},briareus.dev/revision=${revision}`;
  const { items } = await system.get<{ items: { metadata: { name: string } }[] }>("pods", "--selector", selector);
  return items.map(({ metadata }) => metadata.name);
}

/** Gives the pods of a version an address on which a process answers with these counters. */
async function answering(
  name: string,
  revision: string,
  address: string,
  counters: { success: number; failure: number },
) {
  const server = createServer((_, response) => {
    const line = (metric: string, value: number) => `nv_inference_${metric}{model="high-risk",version="1"} ${value}\n`;
    response.end(line("request_success", counters.success) + line("request_failure", counters.failure));
  });
  await new Promise<void>((listening) => server.listen(ports.metrics, address, listening));
  cleanups.push(() => server.close());
  const status = { podIP: address, podIPs: [{ ip: address }] };
  for (const pod of await podsOf(name, revision))
    await system.kubectl([
      "patch",
      "pod",
      pod,
      "--subresource=status",
      "--type=merge",
      "--patch",
      JSON.stringify({ status }),
    ]);
}

test("a new version is compared, takes its share by Envoy's weights, then all; the old one is kept until Envoys know", async () => {
  const rollout = { hold: "4s", canaryPercent: 10, comparison: {} };
  await system.apply("high-risk", "canary", { ...model(3), ...one, rollout });
  const old = (await system.untilReady("canary")).status?.serving?.revision ?? "";
  await system.apply("high-risk", "canary", { ...model(4), ...one, rollout });
  await expect
    .poll(async () => (await system.server("canary")).status?.rollout?.phase, { timeout: 60_000 })
    .toBe("Canary");
  const fresh = (await system.server("canary")).status?.rollout?.revision ?? "";
  expect(await shares("canary")).toEqual({ [old]: 90, [fresh]: 10 });
  await expect.poll(() => servingModel("canary"), { timeout: 60_000 }).toBe("canary gs://models/high-risk/4 fp32");
  expect(await shares("canary")).toEqual({ [fresh]: 100 });
  const { status } = await system.server("canary");
  expect(status?.retiring.map(({ revision }) => revision)).toEqual([old]);
  expect(await podsOf("canary", old)).toHaveLength(1);
  const reasons = (await system.events("canary")).map((event) => event.split(":")[0]);
  for (const reason of ["Comparing", "Canary", "Serves"]) expect(reasons).toContain(reason);
  expect(await system.condition("canary", "Progressing")).toMatch(/^False Complete/);
});

test("a canary whose requests fail goes back by itself, and says why", async () => {
  const rollout = { hold: "10m", canaryPercent: 20 };
  await system.apply("high-risk", "failing", { ...model(3), ...one, rollout });
  const old = (await system.untilReady("failing")).status?.serving?.revision ?? "";
  await system.apply("high-risk", "failing", { ...model(4), ...one, rollout });
  await expect
    .poll(async () => (await system.server("failing")).status?.rollout?.phase, { timeout: 60_000 })
    .toBe("Canary");
  const fresh = (await system.server("failing")).status?.rollout?.revision ?? "";
  const counters = { success: 0, failure: 0 };
  await answering("failing", old, "127.0.0.71", { success: 5_000, failure: 0 });
  await answering("failing", fresh, "127.0.0.72", counters);
  await expect
    .poll(async () => (await system.server("failing")).status?.rollout?.before, { timeout: 60_000 })
    .toBeDefined();
  Object.assign(counters, { success: 80, failure: 20 });
  await expect
    .poll(() => system.condition("failing", "Degraded"), { timeout: 60_000 })
    .toMatch(new RegExp(`^True CanaryFails: Version ${fresh} was given up: 20 % of its 100 requests failed`));
  expect(await shares("failing")).toEqual({ [old]: 100 });
  expect(await system.condition("failing", "Ready")).toMatch(/^True/);
  expect((await system.events("failing")).join()).toContain(`Version ${old} serves on`);
  // Mended by going back, and not before: it is not tried again by itself.
  await system.apply("high-risk", "failing", { ...model(3), ...one, rollout });
  await expect.poll(() => system.condition("failing", "Degraded")).toMatch(/^False/);
});

test("a conversion that fails says why, where the model is asked for, and what serves goes on", async () => {
  const { engines, convert } = { engines: "gs://models/engines", convert: { labels: ["calm", "angry"] } };
  await system.apply("high-risk", "faces", { ...model(3), ...one });
  await system.untilReady("faces");
  const converted = { uri: "gs://saved-models/faces/1", precision: "fp16", convert };
  await system.apply("high-risk", "faces", { ...one, engines, gpu: "nvidia-b9000", model: converted });
  const jobs = () =>
    system.kubectl(["get", "pods", "--selector", "app.kubernetes.io/component=conversion", "--output", "name"]);
  await expect.poll(jobs).toMatch(/^pod\//);
  const pod = (await jobs()).trim().replace("pod/", "");
  const message = "briareus: 12 of 1000 pictures (1.2 %) are judged otherwise, and 1 % may";
  const ended = (name: string, exitCode: number, text = "") => ({
    ...{ name, image: "", imageID: "", ready: false, restartCount: 0 },
    state: { terminated: { exitCode, message: text, reason: exitCode ? "Error" : "Completed" } },
  });
  const status = { phase: "Failed", initContainerStatuses: [ended("fetch", 0), ended("convert", 1, message)] };
  await system.kubectl([
    "patch",
    "pod",
    pod,
    "--subresource=status",
    "--type=merge",
    "--patch",
    JSON.stringify({ status }),
  ]);
  await expect
    .poll(() => system.condition("faces", "Converted"), { timeout: 60_000 })
    .toMatch(/^False ConversionFailed: Job faces-convert-.*: 12 of 1000 pictures \(1.2 %\) are judged otherwise/);
  expect(await system.condition("faces", "Ready")).toMatch(/^True/);
  expect(await servingModel("faces")).toContain("gs://models/high-risk/3");
});
