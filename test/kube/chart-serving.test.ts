/** The serving controller as the chart installs it, and what it may do. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { kinds } from "../../src/serving/cluster/kinds.ts";
import {
  applyDefinition,
  type Deployment,
  deploymentsOf,
  type KubernetesObject,
  render,
  type Values,
} from "./chart.ts";
import { type Cluster, openCluster } from "./cluster.ts";
import { type Releases, releasesIn } from "./release.ts";

const alone: Values = { "pipeline.enabled": false };
const everywhere: Values = { ...alone, "serving.allNamespaces": true };
const account = "one-serving-controller";
const patient = { timeout: 60_000 };

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
  namespace = await cluster.namespace("chart-serving");
  releases = releasesIn(cluster, namespace, cleanUps);
  await cluster.kubectl(["label", "namespace", namespace, "pod-security.kubernetes.io/enforce=restricted"]);
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

const install = async (release: string, values: Values) => {
  await releases.helm("install", release, values);
  cleanUps.push(() => cluster.helm("uninstall", release, "-n", namespace, "--ignore-not-found"));
};
const here = (...parameters: string[]) => cluster.kubectl([...parameters, "--namespace", namespace]);

test("alone it brings two controllers; uninstalled, it leaves the ModelServers", async () => {
  await install("one", alone);
  await here("apply", "--filename", "deploy/examples/high-risk.yaml");
  const [deployment, ...others] = await releases.objects<Deployment>("deployments");
  expect(others).toEqual([]);
  expect(deployment).toMatchObject({ metadata: { name: account }, status: { availableReplicas: 2 } });

  await cluster.helm("uninstall", "one", "-n", namespace, "--wait", "--timeout", "120s");
  const kinds = "deployments,roles,rolebindings,poddisruptionbudgets,networkpolicies";
  expect(await releases.objects(kinds)).toEqual([]);
  expect((await releases.objects("modelservers")).map(({ metadata }) => metadata.name)).toEqual(["high-risk"]);
});

describe("the account of the controller may do what it does with each kind, and no more,", () => {
  test("in the release's namespace alone", async () => {
    await install("one", alone);
    expect(await rightsIn(namespace)).toEqual({ ...ofKinds, ...ofLease });
    expect(await rightsIn("default")).toEqual({});
    await expect(list("--all-namespaces")).rejects.toThrow("Forbidden");
    await list("--namespace", namespace);
  });

  test("or in all of them, but for the lease", async () => {
    await install("one", everywhere);
    expect(await rightsIn(namespace)).toEqual({ ...ofKinds, ...ofLease });
    expect(await rightsIn("default")).toEqual(ofKinds);
    await list("--all-namespaces");
  });

  const list = async (...where: string[]) =>
    cluster.kubectl([
      ...["--kubeconfig", await cluster.kubeconfigOf(namespace, account)],
      ...["get", "modelservers", ...where],
    ]);
});

/** What src/serving/cluster/kinds.ts names, by GROUP/RESOURCE. */
const ofKinds = Object.fromEntries(
  Object.entries(kinds).flatMap(([kind, { apiVersion, plural }]) => {
    const group = apiVersion.includes("/") ? apiVersion.split("/")[0] : "";
    if (kind === "Lease") return [];
    if (kind === "Pod") return [[`/${plural}`, "list watch"]];
    if (kind === "Event") return [[`/${plural}`, "create"]];
    if (kind !== "ModelServer") return [[`${group}/${plural}`, "create delete list patch watch"]];
    return [
      [`${group}/${plural}`, "list patch watch"],
      [`${group}/${plural}/status`, "patch"],
      [`${group}/${plural}/finalizers`, "update"],
    ];
  }),
);
const ofLease = {
  "coordination.k8s.io/leases": "create",
  "coordination.k8s.io/leases briareus-serving-controller": "get update",
};

interface Rule {
  verbs: string[];
  apiGroups: string[];
  resources: string[];
  resourceNames?: string[];
}

/** Verbs by GROUP/RESOURCE NAMES, as the API server tells the account itself; less what everybody may. */
async function rightsIn(where: string): Promise<Record<string, string>> {
  const review = { apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectRulesReview", spec: { namespace: where } };
  const file = await cluster.kubeconfigOf(namespace, account);
  // kubectl would ask for the definitions that it validates by.
  const create = ["--kubeconfig", file, "create", "--filename", "-", "--validate=false", "--output", "json"];
  const { status } = JSON.parse(await cluster.kubectl(create, JSON.stringify(review)));
  const rules: Rule[] = status.resourceRules;
  return Object.fromEntries(
    rules
      .filter(({ apiGroups }) => !apiGroups.some((group) => /^(authentication|authorization)\.k8s\.io$/.test(group)))
      .flatMap(({ verbs, apiGroups, resources, resourceNames = [] }) =>
        apiGroups.flatMap((group) =>
          resources.map((name) => [[`${group}/${name}`, ...resourceNames].join(" "), verbs.toSorted().join(" ")]),
        ),
      ),
  );
}

test("of the controllers of two releases in a namespace one leads, by a lease that is theirs together", async () => {
  await install("one", alone);
  await install("two", alone);
  const both = [await releases.runServingController("one"), await releases.runServingController("two")];
  for (const controller of both) await expect.poll(controller.ready, patient).toMatch(/^200/);
  const leaders = async () => (await Promise.all(both.map((each) => each.leads()))).filter(Boolean).length;
  await expect.poll(leaders, patient).toBe(1);
  const waits = async () => (await Promise.all(both.map((each) => each.ready()))).filter((text) => /waits/.test(text));
  expect(await waits()).toHaveLength(1);
  expect((await releases.objects("leases")).map(({ metadata }) => metadata.name)).toEqual([
    "briareus-serving-controller",
  ]);
});

test("one for all namespaces is ready once it has seen what there is in them", async () => {
  await install("one", everywhere);
  // Another leads: this one shall touch nobody's ModelServers.
  const lease = {
    ...{ apiVersion: "coordination.k8s.io/v1", kind: "Lease" },
    metadata: { name: "briareus-serving-controller", namespace },
    spec: { holderIdentity: "another", leaseDurationSeconds: 3_600 },
  };
  await cluster.kubectl(["create", "--filename", "-"], JSON.stringify(lease));
  const { ready } = await releases.runServingController("one");
  await expect.poll(ready, patient).toBe("200 waits for the lease, 0 to look at\n");
});

test("one that may not see what there is never gets ready, and says so", async () => {
  await install("one", alone);
  const rule = [{ op: "remove", path: "/rules/0" }];
  await here("patch", "role", account, "--type=json", "--patch", JSON.stringify(rule));
  const { ready } = await releases.runServingController("one");
  await expect.poll(ready, patient).toBe("503 the API server has not told what there is\n");
});

test("a placeholder class is made when asked for, by a name that no other release has", async () => {
  const classes = async (release: string, where: string, values: Values) =>
    (await render(cluster, { ...alone, ...values }, { release, namespace: where })).filter(
      ({ kind }) => kind === "PriorityClass",
    );
  const argument = async (values: Values) => {
    const [deployment] = deploymentsOf(await render(cluster, { ...alone, ...values }));
    return deployment?.spec.template.spec.containers[0]?.args?.find((each) => each.startsWith("--placeholder-class="));
  };
  const create = { "serving.placeholderClass.create": true };
  expect(await classes("one", "a", {})).toEqual([]);
  expect(await argument({})).toBe("--placeholder-class=briareus-placeholder");
  const made = await Promise.all([
    classes("one", "a", create),
    classes("one", "b", create),
    classes("two", "a", create),
  ]);
  expect(made.flat().map(({ metadata }) => metadata.name)).toEqual([
    "a.one-placeholder",
    "b.one-placeholder",
    "a.two-placeholder",
  ]);
  expect(await argument(create)).toBe("--placeholder-class=somewhere.trial-placeholder");
  expect(await argument({ "serving.placeholderClass.name": "spare" })).toBe("--placeholder-class=spare");
  await install("one", { ...alone, ...create });
  const kept = await cluster.get<KubernetesObject & { value: number }>("priorityclass", `${namespace}.one-placeholder`);
  expect(kept.value).toBeLessThan(0);
});
