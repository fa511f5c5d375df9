/** The chart and the definition of ModelServers, in a cluster that begins without it and where nobody else's lie. */
import { readFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { chart, valueArguments } from "./chart.ts";
import type { Cluster } from "./cluster.ts";
import { type ControlPlane, startControlPlane } from "./control-plane.ts";
import { releasesIn } from "./release.ts";

const definition = "deploy/crds/modelservers.yaml";
let plane: ControlPlane;
let cluster: Cluster;
let namespace: string;
const cleanUps: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  plane = await startControlPlane();
  cluster = plane.cluster;
});
afterAll(() => plane?.close());

beforeEach(async () => {
  namespace = await cluster.namespace("definition");
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
  await cluster.kubectl(["delete", "crd", "modelservers.briareus.dev", "--ignore-not-found", "--timeout=60s"]);
});

const helm = (act: "install" | "upgrade", release: string, allNamespaces = false) =>
  cluster.helm(act, release, chart, "-n", namespace, ...valueArguments(values(allNamespaces)));
const values = (allNamespaces: boolean) => ({ "pipeline.enabled": false, "serving.allNamespaces": allNamespaces });
const applyExample = (where: string) =>
  cluster.kubectl(["apply", "--filename", "deploy/examples/high-risk.yaml", "--namespace", where]);
const generation = async () =>
  (await cluster.get<{ metadata: { generation: number } }>("crd", "modelservers.briareus.dev")).metadata.generation;

test("it is brought by the first release, and left by the last, with the ModelServers", async () => {
  await expect(applyExample(namespace)).rejects.toThrow('no matches for kind "ModelServer"');
  await helm("install", "one");
  await applyExample(namespace);
  await helm("install", "two");
  await helm("upgrade", "two");
  for (const release of ["one", "two"]) await cluster.helm("uninstall", release, "-n", namespace);
  expect(await cluster.kubectl(["get", "modelservers", "--namespace", namespace, "--output", "name"])).toBe(
    "modelserver.briareus.dev/high-risk\n",
  );
});

test("it is that of deploy/crds, and can be brought up to date by that, before and after Helm", async () => {
  expect(readFileSync(`${chart}/crds/modelservers.yaml`, "utf8")).toBe(readFileSync(definition, "utf8"));
  const apply = ["apply", "--server-side", "--force-conflicts", "--filename", definition];
  await helm("install", "one");
  const before = await generation();
  await cluster.kubectl(apply);
  await helm("install", "two");
  expect(await generation()).toBe(before);
});

test("an upgrade in a cluster without it is refused, and says what to do", async () => {
  await cluster.helm("install", "one", chart, "-n", namespace, "--skip-crds", ...valueArguments(values(false)));
  await expect(helm("upgrade", "one")).rejects.toThrow(
    "first kubectl apply --server-side --filename deploy/crds/modelservers.yaml, or set serving.enabled to false",
  );
  await cluster.kubectl(["apply", "--server-side", "--filename", definition]);
  await cluster.kubectl(["wait", "--for", "condition=Established", "crd/modelservers.briareus.dev"]);
  await helm("upgrade", "one");
});

test("with allNamespaces the controller makes servers of ModelServers in other namespaces, too", async () => {
  await helm("install", "one", true);
  const elsewhere = await cluster.namespace("models");
  await applyExample(elsewhere);
  const { ready } = await releasesIn(cluster, namespace, cleanUps).runServingController("one");
  // While there is somebody to drain it.
  cleanUps.push(() => cluster.kubectl(["delete", "modelserver", "high-risk", "--namespace", elsewhere]));
  await expect.poll(ready, { timeout: 60_000 }).toMatch(/^200 leads/);
  const servers = ["deployments", "--namespace", elsewhere, "--selector", "briareus.dev/model-server=high-risk"];
  const made = async () => (await cluster.get<{ items: object[] }>(...servers)).items.length;
  await expect.poll(made, { timeout: 60_000 }).toBe(2);
});
