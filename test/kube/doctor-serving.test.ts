/** What the doctor finds out about ModelServers. */
import { readFile } from "node:fs/promises";
import { KubeConfig } from "@kubernetes/client-node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { diagnoseServing } from "../../src/cli/diagnose-serving.ts";
import { applyDefinition } from "./chart.ts";
import { type Cluster, openCluster } from "./cluster.ts";

let cluster: Cluster;
let namespace: string;
/** Of an account without rights at first, with the namespace of the test as its context's. */
let kubeconfig: string;

beforeAll(async () => {
  cluster = await openCluster();
  await applyDefinition(cluster);
  namespace = await cluster.namespace("doctor");
  await cluster.kubectl(["create", "serviceaccount", "ops", "--namespace", namespace]);
  const account = await readFile(await cluster.kubeconfigOf(namespace, "ops"), "utf8");
  kubeconfig = account.replace('"context":{', `"context":{"namespace":"${namespace}",`);
});
afterAll(() => cluster?.close());

const findings = (aheadMs = 0, text = kubeconfig) => {
  const open = () => {
    const config = new KubeConfig();
    config.loadFromString(text);
    return config;
  };
  return diagnoseServing(open, Date.now() + aheadMs);
};

test("whoever may not look is told so, and so is whose cluster does not answer; it is no fault", async () => {
  expect(await findings()).toMatchObject([{ good: true, detail: expect.stringMatching(/^not asked: .*forbidden/) }]);
  const elsewhere = kubeconfig.replace(/"server":"[^"]*"/, '"server":"https://127.0.0.1:1"');
  expect(await findings(0, elsewhere)).toMatchObject([{ good: true, detail: expect.stringMatching(/^not asked: /) }]);
});

test("one that no controller looks at is a fault after a minute, one that is degraded at once, with what is wrong", async () => {
  const rights = ["--verb=list", "--resource=modelservers.briareus.dev", "--namespace", namespace];
  await cluster.kubectl(["create", "role", "look", ...rights]);
  const binding = ["--role=look", `--serviceaccount=${namespace}:ops`, "--namespace", namespace];
  await cluster.kubectl(["create", "rolebinding", "look", ...binding]);
  const none = { what: "ModelServers", good: true, detail: `none in namespace ${namespace}` };
  await expect.poll(() => findings(), { timeout: 30_000 }).toEqual([none]);

  await cluster.kubectl(["apply", "--filename", "deploy/examples/high-risk.yaml", "--namespace", namespace]);
  const unseen = { what: "ModelServer high-risk", detail: "no controller has looked at it yet" };
  expect(await findings()).toMatchObject([{ ...unseen, good: true }]);
  expect(await findings(120_000)).toMatchObject([{ ...unseen, good: false }]);

  await says({ Ready: ["False", "Starting", "No server is ready"], Degraded: ["False", "AsWanted", "-"] });
  expect(await findings(120_000)).toMatchObject([{ good: true, detail: "not ready: No server is ready" }]);
  await says({ Ready: ["True", "Serving", "-"], Degraded: ["True", "NoNode", "No node has a nvidia-t4"] });
  const [degraded] = await findings();
  expect(degraded).toMatchObject({ good: false, detail: "NoNode: No node has a nvidia-t4" });
  await cluster.kubectl(degraded?.advice?.split(" ").slice(1) ?? []);
  await says({ Ready: ["True", "Serving", "-"], Degraded: ["False", "AsWanted", "-"] });
  expect(await findings()).toEqual([{ what: "ModelServer high-risk", good: true, detail: "ready" }]);
});

/** Plays the controller. */
async function says(conditions: Record<string, [status: string, reason: string, message: string]>): Promise<void> {
  const lastTransitionTime = new Date().toISOString();
  const list = Object.entries(conditions).map(([type, [status, reason, message]]) => ({
    ...{ type, status, reason, message, lastTransitionTime },
  }));
  const patch = ["--type=merge", "--patch", JSON.stringify({ status: { conditions: list } })];
  const server = ["modelserver", "high-risk", "--namespace", namespace, "--subresource=status"];
  await cluster.kubectl(["patch", ...server, ...patch]);
}
