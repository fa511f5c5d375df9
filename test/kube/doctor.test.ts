/** What the doctor finds out about KEDA's objects; the real KEDA says how they stand. */
import { readFile } from "node:fs/promises";
import { KubeConfig } from "@kubernetes/client-node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { diagnoseKeda } from "../../src/cli/diagnose-keda.ts";
import { type Cluster, openCluster } from "./cluster.ts";

const patient = { timeout: 90_000, interval: 500 };
let cluster: Cluster;
let namespace: string;
/** Of an account without rights at first, with the namespace of the test as its context's. */
let kubeconfig: string;

beforeAll(async () => {
  cluster = await openCluster();
  namespace = await cluster.namespace("doctor");
  await cluster.kubectl(["create", "serviceaccount", "ops", "--namespace", namespace]);
  const account = await readFile(await cluster.kubeconfigOf(namespace, "ops"), "utf8");
  kubeconfig = account.replace('"context":{', `"context":{"namespace":"${namespace}",`);
});
afterAll(() => cluster?.close());

const findings = (text = kubeconfig) =>
  diagnoseKeda(() => {
    const config = new KubeConfig();
    config.loadFromString(text);
    return config;
  });

async function applyPool(stage: string, trigger: object): Promise<void> {
  const name = `briareus-${stage}`;
  const labels = { "app.kubernetes.io/name": "briareus" };
  const pod = { metadata: { labels: { stage } }, spec: { containers: [{ name: "worker", image: "briareus" }] } };
  const deployment = { replicas: 0, selector: { matchLabels: { stage } }, template: pod };
  const items = [
    { apiVersion: "apps/v1", kind: "Deployment", metadata: { name, namespace }, spec: deployment },
    {
      apiVersion: "keda.sh/v1alpha1",
      kind: "ScaledObject",
      metadata: { name, namespace, labels },
      spec: { scaleTargetRef: { name }, minReplicaCount: 0, triggers: [trigger] },
    },
  ];
  await cluster.kubectl(["apply", "-f", "-"], JSON.stringify({ apiVersion: "v1", kind: "List", items }));
}

test("whoever may not look is told so, and it is no fault", async () => {
  expect(await findings()).toMatchObject([{ good: true, detail: expect.stringMatching(/^not asked: .*forbidden/) }]);
});

test("a cluster that does not answer is no fault either", async () => {
  const elsewhere = kubeconfig.replace(/"server":"[^"]*"/, '"server":"https://127.0.0.1:1"');
  expect(await findings(elsewhere)).toMatchObject([{ good: true, detail: expect.stringMatching(/^not asked: /) }]);
});

test("a ScaledObject whose scaler does not answer is a fault; one that is paused is told with how to resume it", async () => {
  const rights = ["--verb=get,list", "--resource=scaledobjects.keda.sh", "--namespace", namespace];
  await cluster.kubectl(["create", "role", "look", ...rights]);
  const binding = ["--role=look", `--serviceaccount=${namespace}:ops`, "--namespace", namespace];
  await cluster.kubectl(["create", "rolebinding", "look", ...binding]);
  const none = `none of Briareus in namespace ${namespace}`;
  await expect.poll(() => findings(), patient).toMatchObject([{ what: "ScaledObjects", good: true, detail: none }]);

  await applyPool("fetch", { type: "external", metadata: { scalerAddress: "127.0.0.1:1", stage: "fetch" } });
  const times = { timezone: "Etc/UTC", start: "0 6 * * *", end: "0 20 * * *", desiredReplicas: "1" };
  await applyPool("infer", { type: "cron", metadata: times });
  const blind = {
    what: "ScaledObject briareus-fetch",
    good: false,
    detail: expect.stringMatching(/^not ready: /),
    advice: expect.stringContaining(`kubectl describe scaledobject briareus-fetch --namespace ${namespace}`),
  };
  const ready = { what: "ScaledObject briareus-infer", good: true, detail: "ready" };
  await expect.poll(() => findings(), patient).toMatchObject([blind, ready]);

  const annotate = ["annotate", "scaledobject", "briareus-infer", "--namespace", namespace];
  await cluster.kubectl([...annotate, "autoscaling.keda.sh/paused=true"]);
  const paused = "paused by an annotation: its pool stays as it is";
  await expect.poll(() => findings(), patient).toMatchObject([blind, { good: true, detail: paused }]);
  const advice = (await findings())[1]?.advice ?? "";
  await cluster.kubectl(advice.split(" ").slice(1));
  await expect.poll(() => findings(), patient).toMatchObject([blind, ready]);
});
