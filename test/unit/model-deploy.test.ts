import { KubeConfig } from "@kubernetes/client-node";
import { expect, test } from "vitest";
import { inWordsOfCluster, openCluster } from "../../src/cli/cluster.ts";
import { modelServerManifest } from "../../src/cli/model-server-manifest.ts";
import { modelServerTable, summaryOf } from "../../src/cli/model-server-table.ts";
import { changedConditions, outcomeOf } from "../../src/cli/wait-for-server.ts";
import { createKubeClient } from "../../src/serving/cluster/kube-client.ts";
import { KubeError } from "../../src/serving/cluster/kube-error.ts";
import { ModelServerSpec } from "../../src/serving/resource/model-server-spec.ts";
import { type Condition, ModelServerStatus } from "../../src/serving/resource/model-server-status.ts";
import { exampleServer } from "./serving/model-servers.ts";

const condition = (type: string, status: "True" | "False", reason: string, message: string): Condition => ({
  ...{ type, status, reason, message },
  lastTransitionTime: "2026-11-20T10:00:00Z",
});
const serving = {
  observedGeneration: 2,
  conditions: [condition("Ready", "True", "Serving", "Answers"), condition("Degraded", "False", "AsWanted", "Nothing")],
  endpoint: "high-risk.models.svc.cluster.local:8001",
  readyReplicas: 2,
  serving: { revision: "abcd1234", since: "2026-11-20T10:00:00Z", models: ["high-risk gs://models/high-risk/3 fp32"] },
};
const withStatus = (status: object, example = "high-risk") => ({
  ...exampleServer(example),
  status: ModelServerStatus.parse(status),
});

test("only what was asked for is written, the rest is left to the API server", () => {
  expect(modelServerManifest("small", undefined, { uri: "gs://models/small/1" })).toEqual({
    apiVersion: "briareus.dev/v1alpha1",
    kind: "ModelServer",
    metadata: { name: "small" },
    spec: { model: { uri: "gs://models/small/1" } },
  });
});

test("options become the fields of the resource, and --min alone means as many at most", () => {
  const { spec } = modelServerManifest("faces", "models", {
    uri: "gs://saved/faces/1",
    ...{ model: "faces-v2", precision: "fp16", backend: "tensorrt", labels: ["calm", "angry"], normalise: "-1..1" },
    ...{ gpu: "nvidia-l4", gpuClients: 4, min: 2, latencyGoal: "80ms", maxBatch: 32, queueDelay: "2ms" },
    ...{ cpu: "2", memory: "8Gi", serviceAccount: "conversion", engines: "gs://models/engines" },
  }) as { spec: object };
  expect(spec).toEqual({
    model: {
      ...{ name: "faces-v2", uri: "gs://saved/faces/1", backend: "tensorrt", precision: "fp16" },
      convert: { labels: ["calm", "angry"], normalise: "-1..1" },
    },
    gpu: "nvidia-l4",
    gpuSharing: { clients: 4 },
    replicas: { min: 2, max: 2 },
    latencyGoal: "80ms",
    batch: { max: 32, queueDelay: "2ms" },
    resources: { cpu: "2", memory: "8Gi" },
    serviceAccount: "conversion",
    engines: "gs://models/engines",
  });
  expect(ModelServerSpec.strict().parse(spec)).toMatchObject(spec);
});

test("servers are a table, and what is wrong stands below it in a sentence", () => {
  const waiting = withStatus(
    {
      conditions: [
        condition("Ready", "False", "Starting", "No version serves yet"),
        condition("Degraded", "True", "NoNode", "No node has \u001b[31mnvidia-l4"),
      ],
      rollout: { revision: "ef567890", phase: "Starting", since: "2026-11-20T10:00:00Z" },
    },
    "faces",
  );
  const servers = [withStatus(serving), waiting, exampleServer("several-on-cpu")].map((server) => summaryOf(server));
  expect(modelServerTable(servers, "models").split("\n")).toEqual([
    "NAME       READY  SERVERS  GPU                  VERSION   ROLLOUT   MODELS",
    "high-risk  yes    2 of 4   nvidia-t4            abcd1234  –         high-risk gs://models/high-risk/3 fp32",
    "faces      no     0 of 8   nvidia-l4, 4 on one  –         Starting  faces gs://saved-models/faces/2026-11-20 fp16",
    "small      no     0 of 3   CPU                  –         –         nsfw volume://models/nsfw/1 fp32, colours volume://models/colours/2 fp32",
    "",
    "faces: NoNode: No node has \ufffd[31mnvidia-l4",
    "small: Unseen: no serving controller has looked at it yet",
  ]);
  expect(modelServerTable(servers, undefined)).toMatch(/^NAMESPACE +NAME .*\nmodels +high-risk /);
  expect(modelServerTable([], "models")).toContain("no ModelServers in namespace models");
});

test("figures stand beside what they are of: a dash is not known or nothing to count, and a sentence says why", () => {
  const gpus = { inUse: 2, spare: 1 };
  const missing = "you may not get pods/proxy in namespace models";
  const servers = [
    summaryOf(withStatus(serving), {
      ...{ gpus, missing: null },
      figures: { requestsPerSecond: 312.4, meanBatch: 7.86, meanQueueMs: 1.234 },
    }),
    summaryOf(withStatus(serving, "faces"), {
      ...{ gpus: { inUse: 0.5, spare: 0 }, missing: null },
      figures: { requestsPerSecond: 0, meanBatch: null, meanQueueMs: null },
    }),
    summaryOf(withStatus(serving, "several-on-cpu"), { gpus: { inUse: 0, spare: 0 }, figures: null, missing }),
    summaryOf(withStatus(serving), { gpus: null, figures: null, missing }),
  ];
  const lines = modelServerTable(servers, "models").split("\n");
  expect(lines.map((line) => line.replace(/ VERSION.*| abcd1234.*/, "").trimEnd())).toEqual([
    "NAME       READY  SERVERS  GPU                  GPUS         BATCH  QUEUE   REQUESTS",
    "high-risk  yes    2 of 4   nvidia-t4            2 + 1 spare  7.9    1.2 ms  312/s",
    "faces      yes    2 of 8   nvidia-l4, 4 on one  0.5          –      –       0/s",
    "small      yes    2 of 3   CPU                  –            –      –       –",
    "high-risk  yes    2 of 4   nvidia-t4            –            –      –       –",
    "",
    "no figures of small, high-risk: you may not get pods/proxy in namespace models",
  ]);
});

test("a status of an earlier spec says nothing of this one; a version on its way is waited for", () => {
  expect(outcomeOf(withStatus(serving), 2)).toEqual({ state: "serves" });
  expect(outcomeOf(withStatus(serving), 3)).toEqual({ state: "unseen" });
  const rollout = { revision: "ef567890", phase: "Canary", since: "2026-11-20T10:00:00Z" };
  expect(outcomeOf(withStatus({ ...serving, rollout }), 2)).toEqual({ state: "waiting" });
});

test("a refused version ends the wait with its reason and how to try again, though the old one is ready", () => {
  const refused = { revision: "ef567890", reason: "CanarySlow", message: "Too slow", at: "2026-11-20T10:00:00Z" };
  const outcome = outcomeOf(withStatus({ ...serving, refused }), 2);
  expect(outcome).toMatchObject({
    state: "failed",
    words: expect.stringMatching(
      /refused, CanarySlow: Too slow;.*kubectl annotate msrv high-risk --namespace models briareus\.dev\/retry=ef567890/,
    ),
  });
});

test("of conditions only those are told that are other than they were", () => {
  const before = [
    condition("Ready", "False", "Starting", "No version serves yet"),
    condition("Converted", "True", "NotNeeded", "As they are"),
  ];
  const now = [
    condition("Ready", "True", "Serving", "Answers"),
    condition("Converted", "True", "NotNeeded", "As they are"),
  ];
  expect(changedConditions(before, now)).toEqual(["Ready        True     Serving: Answers"]);
});

const ofCluster = (server: string): KubeConfig => {
  const config = new KubeConfig();
  config.loadFromClusterAndUser({ name: "a", server, skipTLSVerify: true }, { name: "a" });
  config.currentContext = "a";
  config.contexts = [{ name: "a", cluster: "a", user: "a", namespace: "models" }];
  return config;
};

test("the namespace is the one asked for, else the context's", () => {
  const open = () => ofCluster("https://cluster:6443");
  expect(openCluster(undefined, open).namespace).toBe("models");
  expect(openCluster("other", open).namespace).toBe("other");
});

test("without a cluster, or with a kubeconfig that cannot be read, a sentence says so", async () => {
  const unset = () => {
    const config = new KubeConfig();
    config.loadFromClusterAndUser(
      { name: "cluster", server: "http://localhost:8080", skipTLSVerify: false },
      { name: "user" },
    );
    return config;
  };
  expect(() => openCluster(undefined, unset)).toThrow(/^no cluster is configured: KUBECONFIG/);
  expect(() => openCluster(undefined, () => new KubeConfig())).toThrow(/^no cluster is configured: KUBECONFIG/);
  const broken = () => {
    throw new Error("ENOENT: no such file, open '/nowhere'");
  };
  expect(() => openCluster(undefined, broken)).toThrow(/^the kubeconfig cannot be read: ENOENT/);
  const away = openCluster(undefined, () => ofCluster("http://127.0.0.1:9"));
  const error = await away.client.ask("GET", "/version").catch((thrown: unknown) => thrown);
  expect(inWordsOfCluster(error, away).message).toMatch(
    /^no cluster answers at http:\/\/127\.0\.0\.1:9: .*; KUBECONFIG/,
  );
});

test.each([
  [
    "missing",
    "404 page not found\n",
    /^the cluster at https:\/\/c knows no ModelServers: kubectl apply --server-side --filename deploy\/crds/,
  ],
  ["missing", 'namespaces "m" not found', /^there is no namespace m: kubectl create namespace m$/],
  ["refused", 'ModelServer "a" is invalid: lower min', /^ModelServer "a" is invalid: lower min$/],
  ["unavailable", "Unauthorized", /^the cluster at https:\/\/c cannot answer now: Unauthorized$/],
] as const)("an API server that says %s, %j, is understood", (code, said, words) => {
  const cluster = { client: createKubeClient(ofCluster("https://c")), namespace: "m", server: "https://c" };
  expect(inWordsOfCluster(new KubeError(code, `GET /x: 404 ${said}`, { said }), cluster).message).toMatch(words);
});
