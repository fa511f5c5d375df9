/** The chart's pipeline and a ModelServer: by which address it is found, and who may connect to whom. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ports } from "../../src/serving/render/manifest.ts";
import { labelsOf, type Part } from "../../src/serving/render/names.ts";
import { addressOfServer } from "../../src/serving/resource/address-of-server.ts";
import { exampleServer } from "../unit/serving/model-servers.ts";
import { deploymentsOf, type KubernetesObject, render, type Values } from "./chart.ts";
import { type Cluster, openCluster } from "./cluster.ts";

let cluster: Cluster;
beforeAll(async () => {
  cluster = await openCluster();
});
afterAll(() => cluster?.close());

const askers = ["trial-infer", "trial-preprocess", "trial-review"];
const byName = (name: string): Values => ({
  "modelServer.bundled": false,
  "modelServer.name": name,
  "modelServer.models": ["high-risk"],
});

describe.each([
  ["of its own namespace", "high-risk", undefined],
  ["of another", "high-risk.models", { "kubernetes.io/metadata.name": "models" }],
])("a ModelServer %s", (_, name, namespace) => {
  test("is asked by every process that has a question for a model", async () => {
    const told = deploymentsOf(await render(cluster, byName(name))).flatMap(({ metadata, spec }) => {
      const env = spec.template.spec.containers[0]?.env ?? [];
      const address = env.find((each) => each.name === "BRIAREUS_MODEL_SERVER")?.value;
      return address === undefined ? [] : [[metadata.name, address]];
    });
    expect(Object.fromEntries(told)).toEqual(Object.fromEntries(askers.map((each) => [each, addressOfServer(name)])));
  });

  test("has Envoys that these may connect to, and no other process of the chart", async () => {
    const policies = policiesOf(await render(cluster, byName(name)));
    const reaching = policies.filter((policy) => reaches(policy, "gateway", ports.grpc, namespace));
    expect(reaching.map(({ metadata }) => metadata.name).toSorted()).toEqual(askers);
    expect(policies.filter((policy) => reaches(policy, "server", ports.grpc, namespace))).toEqual([]);
  });
});

test.each([
  ["in its namespace", {}, undefined],
  ["in every namespace", { "serving.allNamespaces": true }, {}],
])("the controller may read the metrics of the servers %s, and reach the API server", async (_, values, namespace) => {
  const policies = policiesOf(await render(cluster, { ...values, "networkPolicies.ports.kubernetes": [6_444] }));
  const reaching = policies.filter((policy) => reaches(policy, "server", ports.metrics, namespace));
  expect(reaching.map(({ metadata }) => metadata.name)).toEqual(["trial-serving-controller"]);
  expect(reaching[0]?.spec.egress).toContainEqual({ ports: [{ protocol: "TCP", port: 6_444 }] });
});

test("it is one of the ways to score captures, of which one is taken", async () => {
  const both = render(cluster, { "modelServer.name": "high-risk" });
  await expect(both).rejects.toThrow("2 of modelServer.bundled, .name, .address and envoy.enabled are set");
  await expect(render(cluster, byName("high-risk:8001"))).rejects.toThrow("'/modelServer/name': 'high-risk:8001'");
});

interface Peer {
  podSelector?: { matchLabels: Record<string, string> };
  namespaceSelector?: { matchLabels?: Record<string, string> };
}
interface Policy extends KubernetesObject {
  spec: { egress: { to?: Peer[]; ports: { port: number }[] }[] };
}

const policiesOf = (objects: readonly KubernetesObject[]) =>
  objects.filter((object): object is Policy => object.kind === "NetworkPolicy");

/** Whether a rule is for the pods of this part of the example, on the port, in namespaces with these labels. */
function reaches({ spec }: Policy, part: Part, port: number, namespace: Record<string, string> | undefined): boolean {
  const labels = labelsOf(exampleServer("high-risk"), part);
  return spec.egress.some(
    ({ to = [], ports: open }) =>
      open.some((each) => each.port === port) &&
      to.some(
        ({ podSelector, namespaceSelector }) =>
          podSelector !== undefined &&
          Object.entries(podSelector.matchLabels).every(([key, value]) => labels[key] === value) &&
          JSON.stringify(namespaceSelector && (namespaceSelector.matchLabels ?? {})) === JSON.stringify(namespace),
      ),
  );
}
