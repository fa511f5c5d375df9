/** The Helm chart installed, upgraded, rolled back, drained and removed on a real control plane. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { startRedis } from "../services.ts";
import {
  applyDefinition,
  chart,
  type Deployment,
  type KubernetesObject,
  type PodSpec,
  type Values,
  valueArguments,
} from "./chart.ts";
import { type Cluster, openCluster } from "./cluster.ts";
import { isCalled, type Releases, releasesIn } from "./release.ts";

let cluster: Cluster;
let namespace: string;
let releases: Releases;
const cleanUps: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  cluster = await openCluster();
  await applyDefinition(cluster);
});
afterAll(() => cluster?.close());

beforeEach(async () => {
  namespace = await cluster.namespace("chart");
  releases = releasesIn(cluster, namespace, cleanUps);
  // Where a pod that asks for more than a restricted one may have is refused.
  await cluster.kubectl(["label", "namespace", namespace, "pod-security.kubernetes.io/enforce=restricted"]);
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

const fixed = () => releases.fixed();
const helm: Releases["helm"] = (...all) => releases.helm(...all);
const install: Releases["install"] = (...all) => releases.install(...all);
const makeVolume: Releases["makeVolume"] = (release) => releases.makeVolume(release);
const objects: Releases["objects"] = (...all) => releases.objects(...all);

/** How often each Deployment's pods were made anew since it was first installed. */
async function revisions(): Promise<Record<string, string | undefined>> {
  const found = await objects<Deployment>("deployments");
  return Object.fromEntries(
    found.map(({ metadata }) => [metadata.name, metadata.annotations?.["deployment.kubernetes.io/revision"]]),
  );
}

test("it is installed; a changed pool is upgraded alone, and rolled back; nothing is left but what Postgres keeps", async () => {
  await install("one", fixed());
  const first = await revisions();
  expect(new Set(Object.values(first))).toEqual(new Set(["1"]));

  await helm("upgrade", "one", { ...fixed(), "pools.fetch.concurrency": 32, "pools.fetch.replicas": 4 });
  expect(await revisions()).toEqual({ ...first, "one-fetch": "2" });
  expect((await objects<Deployment>("deployments")).find(isCalled("one-fetch"))?.status?.availableReplicas).toBe(4);

  for (const version of ["house-2", "house-3"])
    await helm("upgrade", "one", { ...fixed(), policy: `version: ${version}\ncategories: {}\n` });
  const others = { "one-infer": "3", "one-postprocess": "3", "one-review": "3" };
  expect(await revisions()).toEqual({ ...first, ...others, "one-fetch": "3" });

  await cluster.helm("rollback", "one", "1", "-n", namespace, "--wait", "--timeout", "120s");
  expect((await objects<Deployment>("deployments")).find(isCalled("one-fetch"))?.spec.replicas).toBe(2);
  expect((await objects("configmaps")).some(isCalled("one-policy"))).toBe(false);

  await cluster.helm("uninstall", "one", "-n", namespace, "--wait", "--timeout", "120s");
  const kinds =
    "deployments,statefulsets,services,networkpolicies,poddisruptionbudgets,scaledobjects.keda.sh,ingresses,roles,rolebindings";
  expect(await objects(kinds)).toEqual([]);
  expect((await objects("secrets")).map(({ metadata }) => metadata.name)).toEqual(["one-postgres"]);
});

test("Postgres' password outlives upgrades, and the release", async () => {
  await install("one", fixed());
  const password = async () =>
    (await objects<KubernetesObject & { data: object }>("secrets", "-l", "app.kubernetes.io/name=briareus"))[0]?.data;
  const first = await password();
  expect(first).toMatchObject({ password: expect.stringMatching(/^.{40,}$/), url: expect.any(String) });
  await helm("upgrade", "one", { ...fixed(), "pools.fetch.concurrency": 32 });
  expect(await password()).toEqual(first);
  await cluster.helm("uninstall", "one", "-n", namespace, "--wait", "--timeout", "120s");
  await helm("install", "one", fixed());
  expect(await password()).toEqual(first);
});

test("wrong values are refused, and the release stays as it was", async () => {
  await install("one", fixed());
  const before = await revisions();
  const wrong = { ...fixed(), "pools.fetch.min": 7, "pools.fetch.max": 3, "pools.infer.concurrency": 16 };
  await expect(helm("upgrade", "one", wrong)).rejects.toThrow("pools.fetch: min is 7 and max is 3");
  await expect(helm("upgrade", "one", { ...fixed(), "pools.fetch.min": "many" })).rejects.toThrow("want integer");
  expect(await revisions()).toEqual(before);
  expect(JSON.parse(await cluster.helm("history", "one", "-n", namespace, "--output", "json"))).toHaveLength(1);
  await expect(cluster.helm("install", "two", chart, "-n", namespace, "--set", "drainSeconds=soon")).rejects.toThrow(
    "'/drainSeconds': got string, want integer",
  );
  expect((await objects("deployments,secrets,services")).filter(({ metadata }) => /^two/.test(metadata.name))).toEqual(
    [],
  );
});

test("two releases stand side by side in a namespace, each with pods of its own", async () => {
  await install("one", fixed());
  await install("two", { ...fixed(), "pools.fetch.replicas": 1 });
  await cluster.helm("uninstall", "two", "-n", namespace, "--wait", "--timeout", "120s");
  const left = await objects<Deployment>("deployments");
  expect(left.every(({ metadata }) => metadata.name.startsWith("one-"))).toBe(true);
  expect(left.find(isCalled("one-fetch"))?.status?.availableReplicas).toBe(2);
  const endpoints = await objects<KubernetesObject & { endpoints: object[] }>(
    "endpointslices",
    "-l",
    "kubernetes.io/service-name=one-review",
  );
  expect(endpoints.flatMap((slice) => slice.endpoints)).toHaveLength(2);
});

test("a drained node loses pods only as fast as the disruption budgets allow", async () => {
  // The oldest: other tests may have nodes of their own.
  const byAge = await cluster.get<{ items: KubernetesObject[] }>("nodes", "--sort-by=.metadata.creationTimestamp");
  const nodes = byAge.items.map(({ metadata }) => metadata.name);
  const [from, to] = [String(nodes[0]), String(nodes[1])];
  const label = `${namespace}/here`;
  const labelNode = (node: string, value: string) => cluster.kubectl(["label", "node", node, `${label}${value}`]);
  cleanUps.push(() => cluster.kubectl(["uncordon", from]));
  for (const node of [from, to]) cleanUps.push(() => labelNode(node, "-"));
  await labelNode(from, "=yes");
  await install("one", { ...fixed(), "pools.fetch.replicas": 3, "pods.nodeSelector": { [label]: "yes" } });
  const ofFetch = ["-l", "app.kubernetes.io/instance=one,app.kubernetes.io/component=fetch"];
  const drain = (timeout: string) =>
    cluster.kubectl([
      "drain",
      from,
      "--delete-emptydir-data",
      "--pod-selector=app.kubernetes.io/instance=one",
      `--timeout=${timeout}`,
    ]);

  // There is no other node that new pods may go to: after one of each kind no further one may go.
  await expect(drain("5s")).rejects.toThrow("Cannot evict pod as it would violate the pod's disruption budget");
  const running = (await objects<KubernetesObject & { spec: PodSpec }>("pods", ...ofFetch)).filter(
    ({ spec }) => spec.nodeName === from,
  );
  expect(running).toHaveLength(2);

  await labelNode(to, "=yes");
  await drain("60s");
  const moved = await objects<KubernetesObject & { spec: PodSpec }>("pods", ...ofFetch);
  expect(moved.map(({ spec }) => spec.nodeName)).toEqual([to, to, to]);
});

test("with KEDA, helm waits until KEDA has heard the autoscaler of every pool, and each has its HPA", async () => {
  await makeVolume("one");
  const values: Values = { ...fixed(), "scaling.driver": "keda", "pools.fetch.max": 40 };
  await cluster.helm("install", "one", chart, "-n", namespace, ...valueArguments(values));
  if (!process.env.BRIAREUS_TEST_IMAGE) {
    const redis = await startRedis();
    cleanUps.push(redis.stop);
    await releases.runAutoscaler("one", redis.url);
  }
  // Installed before it could be heard: KEDA asks again, later and later.
  await helm("upgrade", "one", values);
  const scalers = await objects<KubernetesObject & { spec: object }>("horizontalpodautoscalers");
  const limits = scalers.map(({ metadata, spec }) => [metadata.name, spec]);
  expect(Object.fromEntries(limits)).toMatchObject({
    "one-fetch": { minReplicas: 1, maxReplicas: 40 },
    "one-preprocess": { minReplicas: 1, maxReplicas: 20 },
    "one-infer": { minReplicas: 1, maxReplicas: 10 },
    "one-postprocess": { minReplicas: 1, maxReplicas: 10 },
  });
});

test("each process has an account of its own; but for the serving controller's it may do nothing, and there is no token", async () => {
  await install("one", fixed());
  const pods = await objects<KubernetesObject & { spec: PodSpec }>("pods", "-l", "app.kubernetes.io/instance=one");
  expect(pods.length).toBeGreaterThan(10);
  for (const { metadata, spec } of pods) {
    const asks = metadata.name.startsWith("one-serving-controller-");
    expect(spec.automountServiceAccountToken, metadata.name).toBe(asks);
    expect(spec.volumes?.filter((volume) => "projected" in volume)).toHaveLength(asks ? 1 : 0);
  }
  const all = await objects("serviceaccounts", "-l", "app.kubernetes.io/instance=one");
  // What the other may do is another test's (chart-serving.test.ts).
  const accounts = all.map(({ metadata }) => metadata.name).filter((name) => name !== "one-serving-controller");
  expect(all).toHaveLength(accounts.length + 1);
  expect(accounts.toSorted()).toEqual(
    ["fetch", "infer", "ingress", "model-server", "postprocess", "preprocess", "review"].map((name) => `one-${name}`),
  );
  for (const account of accounts) {
    const file = await cluster.kubeconfigOf(namespace, account);
    const may = await cluster.kubectl(["--kubeconfig", file, "auth", "can-i", "--list", "--namespace", namespace]);
    expect(resourcesIn(may), account).toEqual([
      "selfsubjectaccessreviews.authorization.k8s.io",
      "selfsubjectreviews.authentication.k8s.io",
      "selfsubjectrulesreviews.authorization.k8s.io",
    ]);
    await expect(cluster.kubectl(["--kubeconfig", file, "get", "secrets", "--namespace", namespace])).rejects.toThrow(
      "Forbidden",
    );
  }
});

/** The resources that `kubectl auth can-i --list` names; what it has besides are pages that anybody may read. */
const resourcesIn = (list: string) =>
  list
    .split("\n")
    .slice(1)
    .map((line) => line.split(/\s/)[0] ?? "")
    .filter((name) => name !== "" && !name.startsWith("["))
    .toSorted();
