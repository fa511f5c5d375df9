/** An API server that goes away, and a controller that is frozen. Nothing becomes ready here, since there are no nodes. */
import { readFile } from "node:fs/promises";
import { KubeConfig } from "@kubernetes/client-node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createElection, type Election } from "../../src/serving/cluster/election.ts";
import { createKubeClient } from "../../src/serving/cluster/kube-client.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { startApiProxy } from "./api-proxy.ts";
import { type ControlPlane, startControlPlane } from "./control-plane.ts";
import { type Controller, ServingSystem } from "./serving-system.ts";

let plane: ControlPlane;
let system: ServingSystem;
let controller: Controller;

beforeAll(async () => {
  plane = await startControlPlane("12s");
  system = await ServingSystem.open(plane.cluster, "own");
  controller = await system.controller("--resync", "2");
});
afterAll(async () => {
  await system?.close();
  await plane?.close();
});

test("a ModelServer gets its parts", async () => {
  await system.apply("high-risk", "high-risk");
  await untilParts("high-risk");
});

test("what was asked for just before the API server stopped is done when it is back", async () => {
  await changeModel("before-stop");
  await plane.stopApiServer();
  await plane.startApiServer();
  await untilFetched("before-stop");
  await system.apply("high-risk", "after-stop");
  await untilParts("after-stop");
  expectTheSame();
});

test("while an API server that was killed is away for long nobody leads, and then the same controller goes on", async () => {
  await changeModel("before-kill");
  await plane.killApiServer();
  await expect.poll(() => leads(controller)).toBe(false);
  await plane.startApiServer();
  await untilFetched("before-kill");
  await system.apply("high-risk", "after-kill");
  await untilParts("after-kill");
  expect(await leads(controller)).toBe(true);
  expectTheSame();
});

test("a controller that was frozen while all history was dropped finds what changed, and what is gone", async () => {
  controller.process.kill("SIGSTOP");
  await changeModel("frozen");
  await system.kubectl(["delete", "service", "high-risk"]);
  await system.kubectl(["delete", "configmap", "high-risk-gateway"]);
  await plane.killApiServer();
  await plane.forgetHistory();
  await plane.startApiServer();
  controller.process.kill("SIGCONT");
  await untilFetched("frozen");
  await untilParts("high-risk");
  expectTheSame();
});

test("an API server that starts refuses at first what it allows, which nobody is told of", async () => {
  for (const name of ["high-risk", "after-stop", "after-kill"])
    expect((await system.events(name)).filter((event) => event.startsWith("Refused"))).toEqual([]);
});

test("of two controllers the leader that was frozen follows when it goes on", async () => {
  const other = await system.controller("--resync", "2");
  controller.process.kill("SIGSTOP");
  await expect.poll(() => leads(other), { timeout: 60_000 }).toBe(true);
  controller.process.kill("SIGCONT");
  await expect.poll(() => leads(controller)).toBe(false);
  await changeModel("with-another");
  await untilFetched("with-another");
  await other.stop();
  await expect.poll(() => leads(controller)).toBe(true);
  expectTheSame();
});

test("after all that nothing is written at rest, neither by a controller that starts where all is made", async () => {
  // What the leader before had not done yet, and what Kubernetes' own controllers tell of late, comes first.
  for (const name of ["high-risk", "after-stop", "after-kill"])
    await expect.poll(() => system.condition(name, "Degraded"), { timeout: 90_000 }).toMatch(/^True NoNode/);
  await expect.poll(pendingPods, { timeout: 90_000 }).toBe(await wantedPods());
  await expect.poll(() => writesWhile(controller), { timeout: 60_000 }).toEqual([]);
  await controller.stop();
  const before = system.proxy.writes.length;
  const fresh = await system.controller("--resync", "2");
  await writesWhile(fresh);
  expect(system.proxy.writes.slice(before)).toEqual([]);
});

test("a leader whose requests nobody answers leads no more before another does", async () => {
  const { clusters, ...rest } = JSON.parse(await readFile(plane.kubeconfig, "utf8"));
  const proxy = await startApiProxy(clusters[0].cluster);
  const cut = electionBy(
    { ...rest, clusters: [{ ...clusters[0], cluster: { server: proxy.url, "insecure-skip-tls-verify": true } }] },
    "cut",
  );
  const other = electionBy({ ...rest, clusters }, "other");
  cut.start();
  await expect.poll(() => cut.term()).toBeDefined();
  const term = cut.term();
  other.start();
  proxy.swallow();
  await expect.poll(() => other.term() && { cutLeads: cut.term() !== undefined }).toEqual({ cutLeads: false });
  await expect.poll(() => term?.aborted).toBe(true);
  proxy.open();
  await other.stop();
  await expect.poll(() => cut.term()).toBeDefined();
  await cut.stop();
  await proxy.close();
});

function electionBy(kubeconfig: object, identity: string): Election {
  const config = new KubeConfig();
  config.loadFromString(JSON.stringify(kubeconfig));
  return createElection({
    ...{ client: createKubeClient(config), namespace: system.namespace, name: "trial", identity },
    ...{ onLeading: () => undefined, onLost: () => undefined },
    log: createLogger({ level: "silent", role: "test" }),
    timing: { leaseMs: 3_000, renewMs: 500, giveUpMs: 2_000 },
  });
}

/** What is written while a controller looks ten times. */
async function writesWhile(one: Controller): Promise<string[]> {
  const looks = () => one.metric("briareus_serving_reconciles_total").catch(() => 0);
  const [from, before] = [await looks(), system.proxy.writes.length];
  await expect.poll(looks, { timeout: 60_000 }).toBeGreaterThan(from + 9);
  return system.proxy.writes.slice(before);
}

const wantedPods = async () => {
  const { items } = await system.get<{ items: { spec: { replicas: number } }[] }>("deployments");
  return items.reduce((sum, { spec }) => sum + spec.replicas, 0);
};

/** What their Deployments tell of them. */
const pendingPods = async () => {
  const { items } = await system.get<{ items: { status: { unavailableReplicas?: number } }[] }>("deployments");
  return items.reduce((sum, { status }) => sum + (status.unavailableReplicas ?? 0), 0);
};

const leads = async (one: Controller) => (await one.metric("briareus_serving_leader")) === 1;

function expectTheSame(): void {
  expect(controller.process).toMatchObject({ exitCode: null, signalCode: null });
}

const uriOf = (model: string) => `gs://models/high-risk/${model}`;

const changeModel = (model: string) => system.apply("high-risk", "high-risk", { model: { uri: uriOf(model) } });

/** Servers of this model, and of no other, are asked for. */
async function untilFetched(model: string): Promise<void> {
  const fetched = async () => {
    const { items } = await system.get<{
      items: { spec: { template: { spec: { initContainers?: { args: string[] }[] } } } }[];
    }>("deployments", "--selector", "briareus.dev/model-server=high-risk");
    const args = items.flatMap(({ spec }) => spec.template.spec.initContainers?.flatMap((each) => each.args) ?? []);
    return args.filter((each) => each.startsWith("gs://models/"));
  };
  await expect.poll(fetched, { timeout: 60_000 }).toEqual([uriOf(model)]);
}

async function untilParts(name: string): Promise<void> {
  await expect.poll(() => system.condition(name, "Ready"), { timeout: 60_000 }).toMatch(/^False Starting/);
  for (const [kind, own] of [
    ["service", name],
    ["configmap", `${name}-gateway`],
    ["deployment", `${name}-gateway`],
  ] as const)
    await expect.poll(() => system.get(kind, own).then(Boolean, () => false)).toBe(true);
}
