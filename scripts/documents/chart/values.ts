/** Every value of the Helm chart: its type, its default, what it means. The chart's files are generated from this. */
import { z } from "zod";
import { type StageName, stageNames, stages } from "../../../src/pipeline/stages.ts";
import {
  annotations,
  fromSecret,
  nodeSelector,
  peers,
  port,
  processValues,
  type Size,
  settings,
  sizeOf,
  tolerations,
} from "./pod-values.ts";
import { servingValues } from "./serving-values.ts";

const text = z.string();
const name = z.string().min(1);
const flag = z.boolean();
const replicas = z.int().min(0).max(1_000);

/** Small, so that a pool grows in small steps, on nodes that have a little room left. */
const pools: Record<StageName, { max: number; size: Size }> = {
  // Room for BRIAREUS_FETCH_CONCURRENCY pictures of BRIAREUS_FETCH_MAX_BYTES.
  fetch: { max: 10, size: { cpu: "200m", memory: "256Mi", memoryLimit: "1536Mi" } },
  // A hostile AVIF of BRIAREUS_MAX_PIXELS takes 860 MB to decode, and two pictures are decoded at a time.
  preprocess: { max: 20, size: { cpu: "1", memory: "384Mi", memoryLimit: "2Gi" } },
  infer: { max: 10, size: { cpu: "200m", memory: "192Mi", memoryLimit: "384Mi" } },
  postprocess: { max: 10, size: { cpu: "100m", memory: "192Mi", memoryLimit: "384Mi" } },
};

const poolValues = (stage: StageName) =>
  z.strictObject({
    min: replicas.default(1).describe("Worker processes at least; 0 lets an idle pool go away whole"),
    max: replicas.default(pools[stage].max).describe("Worker processes at most"),
    replicas: replicas.default(2).describe("Worker processes where scaling.driver is none"),
    goalSeconds: z
      .number()
      .min(0.1)
      .max(3_600)
      .default(3)
      .describe("What is on the queue shall be done within this time"),
    concurrency: z
      .int()
      .min(1)
      .max(1_000)
      .default(stages[stage].concurrency)
      .describe("Batches one process works on at a time"),
    ...processValues(pools[stage].size),
  });

const image = z.strictObject({
  repository: name.default("briareus").describe("Image with every role, built from the Dockerfile"),
  tag: text.default("").describe("Its tag; empty: the chart's appVersion"),
  pullPolicy: z.enum(["Always", "IfNotPresent", "Never"]).default("IfNotPresent"),
  pullSecrets: z.array(name).default([]).describe("Names of Secrets for the registry"),
});

const pods = z.strictObject({
  labels: annotations.default({}).describe("Further labels of every pod"),
  annotations: annotations.default({}).describe("Further annotations of every pod"),
  nodeSelector: nodeSelector.default({}).describe("Nodes for every process"),
  tolerations: tolerations.default([]).describe("Taints that every process bears, such as that of spot nodes"),
  priorityClassName: text.default(""),
});

const redis = z.strictObject({
  bundled: flag.default(true).describe("A Redis of the chart's own, for trying out; it holds pictures too"),
  image: name.default("redis:8-alpine"),
  memoryMiB: z.int().min(64).max(65_536).default(1_536).describe("What the bundled one may hold"),
  url: text.default("").describe("redis:// or rediss:// of your own, where it holds no password"),
  secret: fromSecret("REDIS_URL", "that URL"),
});

const postgres = z.strictObject({
  bundled: flag.default(true).describe("A Postgres of the chart's own, for trying out: one pod, no backup"),
  image: name.default("postgres:18-alpine"),
  storage: name.default("8Gi").describe("Size of its volume"),
  storageClass: text.default("").describe("Class of its volume; empty: the cluster's default"),
  url: text.default("").describe("postgres:// of your own, where it holds no password"),
  secret: fromSecret("DATABASE_URL", "that URL"),
});

const pubsub = z.strictObject({
  bundled: flag.default(true).describe("An emulator of Pub/Sub, for trying out: it forgets all when it ends"),
  project: name.default("briareus").describe("Google Cloud project of the topics"),
  capturesTopic: name.default("captures"),
  capturesSubscription: name.default("captures-ingress"),
  verdictsTopic: name.default("verdicts"),
  decisionsTopic: name.default("decisions"),
  reviewSubscription: name.default("verdicts-review"),
});

const store = (what: string) =>
  z.strictObject({
    url: text
      .default("")
      .describe(`${what}: gs://bucket/prefix or redis://host:6379/1?prefix=x:; empty: the bundled Redis`),
    secret: fromSecret("url", "that URL, where it has a password"),
  });

const modelServer = z.strictObject({
  bundled: flag
    .default(true)
    .describe("A model server on the CPU with the demo model, for trying out; false: name, address, or envoy"),
  replicas: replicas.default(1),
  name: text
    .regex(/^([a-z]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)?)?$/)
    .default("")
    .describe("A ModelServer (docs/serving.md): NAME, or NAME.NAMESPACE of another namespace"),
  address: text.default("").describe("HOST:PORT of a KServe v2 gRPC server of your own, such as Triton's"),
  models: z.array(name).min(1).default(["nsfw"]).describe("Models that score every capture"),
  ...processValues({ cpu: "1", memory: "512Mi", memoryLimit: "4Gi" }),
});

const envoy = z.strictObject({
  enabled: flag.default(false).describe("Envoy spreads single requests over your Tritons (docs/triton.md)"),
  image: name.default("envoyproxy/envoy:v1.40.0"),
  replicas: replicas.default(2),
  triton: z.strictObject({
    host: name.default("triton").describe("Headless Service of the Tritons"),
    grpcPort: port.default(8001),
    httpPort: port.default(8000),
  }),
  resources: sizeOf({ cpu: "200m", memory: "128Mi", memoryLimit: "512Mi" }),
});

const ingress = z.strictObject({
  replicas: replicas.default(2),
  maxHeld: z
    .int()
    .min(1)
    .max(100_000)
    .default(1_000)
    .describe("Captures that one process holds; 4000 where pictures do not lie in a small Redis"),
  ...processValues({ cpu: "200m", memory: "192Mi", memoryLimit: "384Mi" }),
});

const review = z.strictObject({
  replicas: replicas.default(2),
  url: text.default("").describe("What people type to reach the console, such as https://review.example"),
  trustedProxies: z.array(name).default([]).describe("Addresses or CIDR ranges whose X-Forwarded-For is believed"),
  oidc: z.strictObject({
    issuer: text.default("").describe("The OpenID Connect service that people sign in with; empty: keys alone"),
    clientId: name.default("briareus"),
    clientSecret: fromSecret("clientSecret", "the client's secret"),
    scopes: name.default("openid profile email"),
    roleClaim: name.default("groups"),
    roles: annotations.default({}).describe("Which group has which role, such as mods: moderator"),
  }),
  web: z.strictObject({
    enabled: flag.default(false).describe("An Ingress object for review"),
    className: text.default(""),
    host: text.default("").describe("Its host name"),
    tlsSecret: text.default("").describe("Secret with the certificate; empty: what terminates TLS has its own"),
    annotations: annotations.default({}),
  }),
  ...processValues({ cpu: "200m", memory: "256Mi", memoryLimit: "768Mi" }),
});

const scaling = z.strictObject({
  driver: z
    .enum(["keda", "hpa", "none"])
    .default("keda")
    .describe("keda; hpa: a plain HPA on a metric of the autoscaler; none: each pool's replicas"),
  scaleDownSeconds: z
    .int()
    .min(0)
    .max(3_600)
    .default(60)
    .describe("A pool gets smaller only after fewer workers were enough for so long"),
  tolerance: text
    .regex(/^(0|0?\.\d+)?$/)
    .default("")
    .describe(
      "0: an HPA follows a single worker in pools above ten, too; needs Kubernetes 1.35, and with keda a ScaledObject that knows it. Empty: the cluster's 10 %",
    ),
  keda: z.strictObject({
    trigger: z.enum(["external-push", "external"]).default("external-push").describe("The first leaves 0 at once"),
    pollingSeconds: z.int().min(1).max(3_600).default(5),
    cooldownSeconds: z.int().min(0).max(86_400).default(60).describe("An idle pool is kept so long before 0"),
    fallbackReplicas: replicas.default(0).describe("Pool size while nothing can be measured; 0: as it was"),
  }),
  hpa: z.strictObject({
    metric: name.default("briareus_pool_wanted_workers").describe("External metric with a label stage"),
  }),
  autoscaler: z.strictObject({
    replicas: replicas.default(2),
    ...processValues({ cpu: "100m", memory: "128Mi", memoryLimit: "384Mi" }),
  }),
});

const disruptionBudgets = z.strictObject({
  enabled: flag.default(true),
  maxUnavailable: z
    .union([z.int().min(1), z.string().regex(/^[1-9]\d?%$/)])
    .default(1)
    .describe("Pods of one kind that a drain of nodes may take at a time"),
});

const networkPolicies = z.strictObject({
  enabled: flag.default(true),
  monitoring: peers.default([]).describe("Who may read metrics, as NetworkPolicyPeers; empty: anybody"),
  keda: peers
    .default([{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "keda" } } }])
    .describe("Who may ask the autoscaler"),
  review: peers.default([]).describe("Who may reach review; empty: anybody"),
  pictures: z
    .array(name)
    .default([])
    .describe("Private CIDR ranges that pictures come from, beside BRIAREUS_FETCH_ALLOW; public addresses always"),
  ports: z
    .strictObject({
      redis: port.default(6379),
      postgres: port.default(5432),
      models: port.default(8001),
      tracing: port.default(4318),
      kubernetes: z.array(port).default([443, 6_443]).describe("Of the API server, as pods reach it and as it listens"),
    })
    .describe("Ports of what is not the chart's own"),
});

const monitoring = z.strictObject({
  podMonitor: flag.default(false).describe("A PodMonitor of Prometheus' operator for every process"),
  rules: flag.default(false).describe("A PrometheusRule with deploy/monitoring/alerts.yaml"),
  labels: annotations.default({}).describe("Labels by which your Prometheus finds the two"),
});

export const chartValues = z.strictObject({
  global: z.looseObject({}).optional().describe("Helm's own, where this chart is part of another"),
  nameOverride: text.default("").describe("Begins every object's name; empty: the release's name"),
  image,
  drainSeconds: z
    .int()
    .min(0)
    .max(600)
    .default(10)
    .describe("Time a process may take to finish its work when it is asked to stop"),
  reserveSeconds: z.int().min(1).max(600).default(5).describe("Kubernetes kills a process so long after that time"),
  settings: settings.prefault({}).describe("Environment variables for every process (docs/configuration.md)"),
  policy: text.default("").describe("The policy file's text (--set-file policy=mine.yaml); empty: the demo model's"),
  pipeline: z.strictObject({
    enabled: flag.default(true).describe("false: nothing but the serving controller"),
  }),
  pools: z
    .strictObject(Object.fromEntries(stageNames.map((stage) => [stage, poolValues(stage)])))
    .describe("The worker pools, as in src/pipeline/stages.ts"),
  ingress: ingress.describe("Takes captures off Pub/Sub"),
  review: review.describe("Human review: incidents, the console, the API"),
  scaling,
  serving: servingValues,
  redis: redis.describe("Carries the queues; must never evict"),
  postgres: postgres.describe("Keeps reviews"),
  pubsub,
  blobs: store("Where pictures lie between the stages"),
  evidence: store("Where the pictures of flagged captures are kept"),
  modelServer,
  envoy,
  tracing: z.strictObject({ endpoint: text.default("").describe("OTEL_EXPORTER_OTLP_ENDPOINT; empty: no traces") }),
  pods,
  disruptionBudgets,
  networkPolicies,
  monitoring,
});
