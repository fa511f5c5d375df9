/** The Helm chart as it is rendered: what kubectl, kubeconform and our own settings say of it. */
import { readFileSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { createProgram } from "../../src/cli/program.ts";
import { loadSettings } from "../../src/config/settings.ts";
import { variables } from "../../src/config/variables.ts";
import { freePort } from "../../src/local/free-port.ts";
import { stageNames } from "../../src/pipeline/stages.ts";
import { startCommand } from "../command.ts";
import { startRedis } from "../services.ts";
import {
  chart,
  type Deployment,
  deploymentsOf,
  type Probe,
  render,
  renderText,
  type Values,
  valueArguments,
} from "./chart.ts";
import { type Cluster, openCluster } from "./cluster.ts";
import { writeSchemas } from "./json-schemas.ts";
import { runProgram } from "./program.ts";

let cluster: Cluster;
let folder: string;
let schemas: string;

beforeAll(async () => {
  cluster = await openCluster();
  folder = await mkdtemp(join(tmpdir(), "briareus-chart-"));
  schemas = await writeSchemas(await cluster.kubectl(["get", "--raw", "/openapi/v2"]), join(folder, "schemas"));
});
afterAll(async () => {
  if (folder) await rm(folder, { recursive: true });
  await cluster?.close();
});

/** Everything outside the cluster, as in production. */
const ownParts: Values = {
  "redis.bundled": false,
  "redis.secret.name": "redis",
  "postgres.bundled": false,
  "postgres.secret.name": "postgres",
  "pubsub.bundled": false,
  "pubsub.project": "video",
  "blobs.url": "gs://pictures/blobs",
  "evidence.url": "gs://pictures/evidence",
  "modelServer.bundled": false,
  "modelServer.address": "triton.models:8001",
  "pools.postprocess.serviceAccountAnnotations": { "iam.gke.io/gcp-service-account": "post@video.iam.example" },
};

/** The example of docs/kubernetes.md, but for what needs Prometheus' operator. */
const { monitoring: _, ...production } = parse(
  /```yaml\n# production\.yaml\n([\s\S]*?)```/.exec(readFileSync("docs/kubernetes.md", "utf8"))?.[1] ?? "",
) as Values;

const ways: Record<string, Values> = {
  "as docs/kubernetes.md has it for production": production,
  "as it is": {},
  "with everything outside the cluster": ownParts,
  "with a plain HPA": { "scaling.driver": "hpa" },
  "with fixed pools": { "scaling.driver": "none" },
  "with Envoy before Tritons": { "modelServer.bundled": false, "envoy.enabled": true, "envoy.triton.host": "tritons" },
  "with a ModelServer, its controller for all namespaces": {
    ...{ "modelServer.bundled": false, "modelServer.name": "high-risk.models", "modelServer.models": ["high-risk"] },
    ...{ "serving.allNamespaces": true, "serving.placeholderClass.create": true },
    ...{ "serving.prometheus": "http://prometheus.monitoring:9090", "serving.queueMetric": "queue" },
  },
  "with the serving platform alone": { "pipeline.enabled": false },
  "with all that can be switched on": {
    policy: "version: mine-1\ncategories: {}\n",
    "settings.BRIAREUS_FETCH_MAX_BYTES": 20_971_520,
    "settings.BRIAREUS_SAMPLE_SHARE": 0.05,
    "pools.fetch.settings.BRIAREUS_BATCH": 8,
    "pools.fetch.min": 0,
    "image.pullSecrets": ["registry"],
    "image.tag": "1.2.3",
    "pods.labels": { team: "safety" },
    "pods.annotations": { "example.com/scrape": "no" },
    "pods.nodeSelector": { "kubernetes.io/os": "linux" },
    "pods.tolerations": [{ key: "cloud.google.com/gke-spot", operator: "Exists", effect: "NoSchedule" }],
    "pods.priorityClassName": "system-cluster-critical",
    "scaling.keda.fallbackReplicas": 3,
    "scaling.tolerance": "0",
    "pools.infer.goalSeconds": 1.5,
    "review.url": "https://review.example",
    "review.web.enabled": true,
    "review.web.host": "review.example",
    "review.web.tlsSecret": "review-tls",
    "review.web.className": "nginx",
    "review.oidc.issuer": "https://login.example",
    "review.oidc.clientSecret.name": "login",
    "review.oidc.roles": { mods: "moderator", leads: "lead" },
    "tracing.endpoint": "http://otel.tracing:4318",
    "networkPolicies.pictures": ["10.1.0.0/16"],
    "networkPolicies.monitoring": [{ namespaceSelector: { matchLabels: { name: "monitoring" } } }],
  },
  "with nothing that can be switched off": {
    ...{ "networkPolicies.enabled": false, "disruptionBudgets.enabled": false, "serving.enabled": false },
  },
};

test("helm lint has nothing to say", async () => {
  for (const values of Object.values(ways)) {
    const said = await cluster.helm("lint", chart, "--strict", ...valueArguments(values));
    expect(said).toContain("0 chart(s) failed");
  }
});

describe.each(Object.entries(ways))("the chart %s", (_, values) => {
  test("has only fields that the cluster knows", async () => {
    const file = join(folder, "rendered.yaml");
    await writeFile(file, await renderText(cluster, values, {}));
    const said = await runProgram("kubeconform", ["-strict", "-summary", "-schema-location", schemas, file]);
    expect(said).toMatch(/Valid: [1-9]\d*, Invalid: 0, Errors: 0, Skipped: 0/);
  });

  test("is taken by the API server, were it installed", async () => {
    const namespace = await cluster.namespace("chart-dry");
    await cluster.kubectl(["label", "namespace", namespace, "pod-security.kubernetes.io/warn=restricted"]);
    const rendered = await renderText(cluster, values, { namespace });
    const apply = ["apply", "--dry-run=server", "--warnings-as-errors", "--filename", "-"];
    const said = await cluster.kubectl(apply, rendered);
    expect(said.match(/created \(server dry run\)/g)).toHaveLength(rendered.match(/^kind: /gm)?.length ?? 0);
  });

  test("gives every process a command that there is, and an environment that its settings accept", async () => {
    const ours = deploymentsOf(await render(cluster, values)).filter(({ metadata }) => isOurs(metadata.name));
    expect(ours.length).toBeGreaterThan(values["pipeline.enabled"] === false ? 0 : stageNames.length);
    for (const deployment of ours) {
      const { args, env } = container(deployment);
      const { commands } = await createProgram(args?.[0]);
      expect(commands.map((command) => command.name())).toEqual([args?.[0]]);
      expect(commands[0]?.parseOptions(args?.slice(1) ?? []).unknown).toEqual([]);
      const own = new Set(["METADATA_SERVER_DETECTION", "OTEL_EXPORTER_OTLP_ENDPOINT"]);
      expect(env.map(({ name }) => name).filter((name) => !own.has(name) && !(name in variables))).toEqual([]);
      const plain = Object.fromEntries(env.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])));
      expect(() => loadSettings(plain), deployment.metadata.name).not.toThrow();
    }
  });
});

/** All but Envoy and the emulator are processes of ours that read settings. */
const isOurs = (name: string) => !/-(envoy|pubsub)$/.test(name);

function container(deployment: Deployment) {
  const [only] = deployment.spec.template.spec.containers;
  if (!only) throw new Error(`${deployment.metadata.name} has no container`);
  return only;
}

const settingsOf = async (component: string, values: Values) => {
  const found = deploymentsOf(await render(cluster, values)).find(
    ({ metadata }) => metadata.name === `trial-${component}`,
  );
  if (!found) throw new Error(`no Deployment trial-${component}`);
  return Object.fromEntries(container(found).env.map(({ name, value }) => [name, value]));
};

test("a pool's setting goes before everybody's, and large numbers stay whole", async () => {
  const values = {
    "settings.BRIAREUS_BATCH": 4,
    "settings.BRIAREUS_FETCH_MAX_BYTES": 20_971_520,
    "pools.fetch.settings.BRIAREUS_BATCH": 8,
    "pools.fetch.concurrency": 12,
  };
  expect(await settingsOf("fetch", values)).toMatchObject({
    BRIAREUS_BATCH: "8",
    BRIAREUS_FETCH_MAX_BYTES: "20971520",
    BRIAREUS_CONCURRENCY: "12",
  });
  expect(await settingsOf("infer", values)).toMatchObject({ BRIAREUS_BATCH: "4", BRIAREUS_CONCURRENCY: "4" });
});

test("the autoscaler has the limits of each pool, which are also KEDA's", async () => {
  const values = { "pools.fetch.min": 0, "pools.fetch.max": 40, "pools.infer.goalSeconds": 1.5 };
  const settings = await settingsOf("autoscaler", values);
  expect(settings).toMatchObject({ BRIAREUS_FETCH_POOL: "0..40@3s", BRIAREUS_INFER_POOL: "1..10@1.5s" });
  const scaled = (await render(cluster, values)).find(
    ({ kind, metadata }) => kind === "ScaledObject" && metadata.name === "trial-fetch",
  );
  expect(scaled).toMatchObject({
    spec: { minReplicaCount: 0, maxReplicaCount: 40, triggers: [{ metadata: { stage: "fetch" } }] },
  });
});

test("no process is told a secret that it has no use for", async () => {
  const told = await Promise.all(
    ["ingress", ...stageNames].map(async (component) => Object.keys(await settingsOf(component, ownParts))),
  );
  expect(told.flat().filter((name) => name === "DATABASE_URL")).toEqual([]);
  expect(Object.keys(await settingsOf("review", ownParts))).toContain("DATABASE_URL");
});

test("every process has longer to end than it may take to drain", async () => {
  for (const { metadata, spec } of deploymentsOf(await render(cluster, { drainSeconds: 45 }))) {
    if (!isOurs(metadata.name)) continue;
    const drainMs = container({ metadata, spec } as Deployment).env.find(({ name }) => name === "BRIAREUS_DRAIN_MS");
    expect(drainMs?.value).toBe("45000");
    expect(spec.template.spec.terminationGracePeriodSeconds, metadata.name).toBeGreaterThanOrEqual(50);
  }
});

test("a pool's process, started as the chart starts it, answers the probes, and ends when it is told to", async () => {
  await using redis = await startRedis();
  const port = await freePort();
  const env = { ...(await settingsOf("fetch", {})), REDIS_URL: redis.url, BRIAREUS_BLOBS: redis.url };
  const found = deploymentsOf(await render(cluster)).find(({ metadata }) => metadata.name === "trial-fetch");
  const { args, livenessProbe, readinessProbe } = found ? container(found) : {};
  const { child, result } = startCommand(args ?? [], { ...env, BRIAREUS_METRICS_PORT: String(port) });
  const status = async (probe?: Probe) =>
    (await fetch(`http://127.0.0.1:${port}${probe?.httpGet?.path}`).catch(() => undefined))?.status;
  const slow = { timeout: 60_000 };
  await expect.poll(() => status(readinessProbe), slow).toBe(200);
  expect(await status(livenessProbe)).toBe(200);
  await redis.kill();
  await expect.poll(() => status(readinessProbe), slow).toBe(503);
  expect(await status(livenessProbe)).toBe(200);
  child.kill("SIGTERM");
  expect((await result).code).toBe(0);
});

test("pools that something scales have no number of replicas that an upgrade would set back", async () => {
  const replicasOf = async (values: Values) =>
    deploymentsOf(await render(cluster, values))
      .filter(({ metadata }) => stageNames.some((stage) => metadata.name === `trial-${stage}`))
      .map(({ spec }) => spec.replicas);
  expect(await replicasOf({})).toEqual(stageNames.map(() => undefined));
  expect(await replicasOf({ "scaling.driver": "hpa" })).toEqual(stageNames.map(() => undefined));
  expect(await replicasOf({ "scaling.driver": "none", "pools.fetch.replicas": 5 })).toEqual([5, 2, 2, 2]);
});

test("for Prometheus' operator there are a monitor of every pod and the alerts, word for word", async () => {
  const objects = await render(cluster, { "monitoring.podMonitor": true, "monitoring.rules": true });
  const rule = objects.find(({ kind }) => kind === "PrometheusRule");
  expect(rule).toMatchObject({ spec: parse(await readFile("deploy/monitoring/alerts.yaml", "utf8")) });
  const monitor = objects.find(({ kind }) => kind === "PodMonitor");
  const jobs = { targetLabel: "job", replacement: "briareus-$1" };
  expect(monitor).toMatchObject({
    spec: {
      selector: { matchLabels: { "app.kubernetes.io/instance": "trial" } },
      podMetricsEndpoints: expect.arrayContaining([
        expect.objectContaining({ port: "metrics", relabelings: [expect.objectContaining(jobs)] }),
      ]),
    },
  });
});

describe("wrong values are refused with a sentence:", () => {
  test.each<[Values, RegExp]>([
    [{ "pools.fetch.min": "two" }, /'\/pools\/fetch\/min': got string, want integer/],
    [{ "pools.fetch.max": -1 }, /'\/pools\/fetch\/max': minimum: got -1, want 0/],
    [{ "pools.fetch.max": 2.5 }, /'\/pools\/fetch\/max': got number, want integer/],
    [{ "pools.transcode.min": 1 }, /'\/pools': additional properties 'transcode' not allowed/],
    [{ "pools.fetch.minimum": 1 }, /'\/pools\/fetch': additional properties 'minimum' not allowed/],
    [{ "settings.BRIAREUS_BATSH": 1 }, /additional properties 'BRIAREUS_BATSH' not allowed/],
    [{ "settings.BRIAREUS_BATCH": 0 }, /BRIAREUS_BATCH': minimum: got 0, want 1/],
    [{ "settings.BRIAREUS_DRAIN_MS": 5 }, /additional properties 'BRIAREUS_DRAIN_MS' not allowed/],
    [{ drainSeconds: null }, /missing property 'drainSeconds'/],
    [{ "scaling.driver": "magic" }, /'\/scaling\/driver': value must be one of 'keda', 'hpa', 'none'/],
    [{ "pools.fetch.min": 11 }, /pools\.fetch: min is 11 and max is 10; a pool cannot have/],
    [{ "pools.fetch.min": 0, "scaling.driver": "hpa" }, /pools\.fetch: min is 0, which a plain HPA cannot do/],
    [{ "pools.infer.min": 0, "pools.infer.max": 0 }, /pools\.infer: max is 0, so no capture would ever leave/],
    [{ "redis.bundled": false }, /redis: bundled is false, so url \(redis:\/\/\.\.\.\) or secret\.name must say/],
    [{ "postgres.url": "postgres://db" }, /postgres: bundled is true, and url or secret names another/],
    [{ "blobs.url": "file:///data" }, /blobs\.url: file:\/\/\/data is a folder, and pods share none/],
    [{ ...ownParts, "evidence.url": "" }, /evidence: the Redis is your own, so url must say where pictures lie/],
    [{ "envoy.enabled": true }, /modelServer: 2 of .* are set; exactly one says who scores/],
    [{ "review.oidc.issuer": "https://login.example" }, /review\.oidc: roles is empty/],
    [{ "review.web.enabled": true }, /review\.web: host is empty/],
    [{ "pipeline.enabled": false, "serving.enabled": false }, /both false, so nothing would be installed/],
    [{ "serving.prometheus": "prometheus:9090" }, /'\/serving\/prometheus'/],
  ])("%j", async (values, sentence) => {
    await expect(render(cluster, values)).rejects.toThrow(sentence);
  });
});
