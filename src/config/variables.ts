import { z } from "zod";
import { scalerVariables } from "./scaler-variables.ts";
import { address, list, optional, roleMapping, share, url, webAddress, whole } from "./value-schemas.ts";

/** One environment variable: how it is read, what it means, and whether `briareus config` masks it. */
export interface Variable<Value> {
  schema: z.ZodType<Value>;
  fallback: string;
  description: string;
  secret?: boolean;
}

/** Every environment variable that Briareus reads. docs/configuration.md is generated from this table. */
export const variables = {
  REDIS_URL: {
    schema: url("redis", "rediss"),
    fallback: "redis://127.0.0.1:6379",
    description: "The Redis that carries the queues (transport only; maxmemory-policy must be noeviction)",
    secret: true,
  },
  DATABASE_URL: {
    schema: url("postgres", "postgresql"),
    fallback: "postgres://127.0.0.1:5432/briareus",
    description: "The Postgres (14 or newer) that keeps reviews",
    secret: true,
  },
  GOOGLE_CLOUD_PROJECT: {
    schema: z.string().min(1),
    fallback: "briareus",
    description: "Google Cloud project of the topics",
  },
  PUBSUB_EMULATOR_HOST: {
    schema: optional(address),
    fallback: "",
    description: "HOST:PORT of a Pub/Sub emulator; empty: Google's service",
  },
  BRIAREUS_CAPTURES_TOPIC: {
    schema: z.string().min(1),
    fallback: "captures",
    description: "Topic on which captures arrive",
  },
  BRIAREUS_CAPTURES_SUBSCRIPTION: {
    schema: z.string().min(1),
    fallback: "captures-ingress",
    description: "Subscription that ingress pulls; no ordering, no low dead-letter limit",
  },
  BRIAREUS_VERDICTS_TOPIC: {
    schema: z.string().min(1),
    fallback: "verdicts",
    description: "Topic to which verdicts go",
  },
  BRIAREUS_DECISIONS_TOPIC: {
    schema: z.string().min(1),
    fallback: "decisions",
    description: "Topic to which moderators' decisions go",
  },
  BRIAREUS_REVIEW_SUBSCRIPTION: {
    schema: z.string().min(1),
    fallback: "verdicts-review",
    description: "Subscription on the topic of verdicts that review takes in",
  },
  BRIAREUS_REVIEW_HOST: {
    schema: z.string().min(1),
    fallback: "127.0.0.1",
    description: "Address on which review's API and console are served",
  },
  BRIAREUS_REVIEW_PORT: {
    schema: whole(0, 65_535),
    fallback: "8080",
    description: "Port of review's API and console (0: any free one)",
  },
  BRIAREUS_REVIEW_URL: {
    schema: optional(webAddress),
    fallback: "",
    description: "What people type to reach the console, such as https://review.example; empty: host and port",
  },
  BRIAREUS_TRUSTED_PROXIES: {
    schema: list,
    fallback: "",
    description: "Addresses or CIDR ranges of reverse proxies whose X-Forwarded-For is believed, separated by commas",
  },
  BRIAREUS_OIDC_ISSUER: {
    schema: optional(webAddress),
    fallback: "",
    description: "The OpenID Connect service that people sign in with; empty: none (see docs/access.md)",
  },
  BRIAREUS_OIDC_CLIENT_ID: {
    schema: z.string().min(1),
    fallback: "briareus",
    description: "Name by which the sign-in service knows review",
  },
  BRIAREUS_OIDC_CLIENT_SECRET: {
    schema: optional(z.string()),
    fallback: "",
    description: "Its secret; empty: a public client",
    secret: true,
  },
  BRIAREUS_OIDC_SCOPES: {
    schema: z.string().regex(/^openid( |$)/, "must begin with openid"),
    fallback: "openid profile email",
    description: "Scopes asked for, separated by spaces; some services give groups only with one of their own",
  },
  BRIAREUS_OIDC_ROLE_CLAIM: {
    schema: z.string().min(1),
    fallback: "groups",
    description: "Claim that names a person's groups; a path such as realm_access.roles looks inside",
  },
  BRIAREUS_OIDC_ROLES: {
    schema: roleMapping,
    fallback: "",
    description: "Which groups have which role, such as mods=moderator,leads=lead; nobody else gets in",
  },
  BRIAREUS_INCIDENT_WINDOW_MS: {
    schema: whole(1_000, 86_400_000),
    fallback: "120000",
    description: "An incident takes in a stream's flagged captures until this long after its last one",
  },
  BRIAREUS_HOLD_MS: {
    schema: whole(20_000, 3_600_000),
    fallback: "120000",
    description: "A moderator's hold ends this long after the page was last seen in use",
  },
  BRIAREUS_UNDO_MS: {
    schema: whole(0, 600_000),
    fallback: "10000",
    description: "Least time between a decision and its leaving for the platform; a person may prefer more",
  },
  BRIAREUS_SEVERE_UNDO_MS: {
    schema: whole(0, 600_000),
    fallback: "3000",
    description: "The same for a severe action on a live stream, which took two keys",
  },
  BRIAREUS_SKIP_MS: {
    schema: whole(1_000, 86_400_000),
    fallback: "1800000",
    description: "A skipped incident is not offered to the same person for so long",
  },
  BRIAREUS_MODEL_SERVER: {
    schema: address,
    fallback: "127.0.0.1:8001",
    description: "HOST:PORT of the KServe v2 gRPC server (Triton, Envoy or `briareus model-server`)",
  },
  BRIAREUS_MODEL_STATISTICS: {
    schema: optional(address),
    fallback: "",
    description:
      "HOST:PORT whose every address review asks for statistics of the models, such as a headless service; needed where a proxy stands before several model servers, else their counters mix; empty: BRIAREUS_MODEL_SERVER",
  },
  BRIAREUS_MODELS: {
    schema: list.refine((models) => models.length > 0, "must name at least one model"),
    fallback: "nsfw",
    description: "Models that score every capture, separated by commas",
  },
  BRIAREUS_BLOBS: {
    schema: url("file", "redis", "rediss", "gs"),
    fallback: "file:///tmp/briareus/blobs",
    description: "Where images and tensors lie between stages: file://, redis:// or gs://",
    secret: true,
  },
  BRIAREUS_EVIDENCE: {
    schema: url("file", "redis", "rediss", "gs"),
    fallback: "file:///tmp/briareus/evidence",
    description: "Where the pictures of flagged and sampled captures are kept",
    secret: true,
  },
  BRIAREUS_BLOB_TTL_MS: {
    schema: whole(10_000, 86_400_000),
    fallback: "900000",
    description: "Lifetime of images and tensors between stages that nobody deleted",
  },
  BRIAREUS_THUMBNAILS: {
    schema: z.enum(["on", "off"]),
    fallback: "on",
    description:
      "Whether preprocess makes a thumbnail of each capture (1.5 ms of CPU), for people to see what came before",
  },
  BRIAREUS_THUMBNAIL_TTL_MS: {
    schema: whole(10_000, 3_600_000),
    fallback: "180000",
    description:
      "Lifetime of thumbnails in the blob store, 2 to 5 KB each: how far back people see a stream's captures",
  },
  BRIAREUS_POLICY: {
    schema: optional(z.string()),
    fallback: "",
    description: "Path of the policy file; empty: the one shipped for the demo model (policies/nsfw.yaml)",
  },
  BRIAREUS_SAMPLE_SHARE: {
    schema: optional(share),
    fallback: "",
    description: "Share of clean captures sampled for review; empty: as the policy says",
  },
  BRIAREUS_DEADLINE_MS: {
    schema: whole(100, 86_400_000),
    fallback: "60000",
    description: "A capture older than this gets the verdict `expired` instead of further work",
  },
  BRIAREUS_GRACE_MS: {
    schema: whole(100, 3_600_000),
    fallback: "15000",
    description: "Ingress submits a capture again that is this long past its deadline without a verdict",
  },
  BRIAREUS_MAX_HELD: {
    schema: whole(1, 100_000),
    fallback: "4000",
    description: "Messages one ingress process holds; the rest waits in Pub/Sub",
  },
  BRIAREUS_BATCH: { schema: whole(1, 256), fallback: "16", description: "Captures per batch at most" },
  BRIAREUS_CONCURRENCY: {
    schema: optional(whole(1, 1_000)),
    fallback: "",
    description: "Batches this worker process works on at a time; empty: the stage's default",
  },
  BRIAREUS_FETCH_CONCURRENCY: {
    schema: whole(1, 10_000),
    fallback: "64",
    description: "Downloads of one fetch process at a time",
  },
  BRIAREUS_FETCH_PER_HOST: {
    schema: whole(1, 10_000),
    fallback: "16",
    description: "Downloads of one fetch process from one host at a time",
  },
  BRIAREUS_FETCH_TIMEOUT_MS: {
    schema: whole(100, 600_000),
    fallback: "10000",
    description: "Time for one download, redirects included",
  },
  BRIAREUS_FETCH_CONNECT_TIMEOUT_MS: {
    schema: whole(50, 600_000),
    fallback: "3000",
    description: "Time for one connection to an image host",
  },
  BRIAREUS_FETCH_MAX_BYTES: {
    schema: whole(1, 1_073_741_824),
    fallback: "20971520",
    description: "Largest image accepted",
  },
  BRIAREUS_FETCH_MAX_REDIRECTS: {
    schema: whole(0, 20),
    fallback: "3",
    description: "Redirects followed, each checked like the first address",
  },
  BRIAREUS_FETCH_ALLOW: {
    schema: list,
    fallback: "",
    description:
      "Hosts, HOST:PORT or CIDR ranges that may be fetched from though they are private, separated by commas",
  },
  BRIAREUS_FETCH_FILE_ROOT: {
    schema: optional(z.string()),
    fallback: "",
    description: "Folder below which file:// images may be read; empty: none",
  },
  BRIAREUS_MAX_PIXELS: {
    schema: whole(1, 1_000_000_000),
    fallback: "50000000",
    description: "Pixels of the largest image decoded",
  },
  BRIAREUS_DRAIN_MS: {
    schema: whole(0, 600_000),
    fallback: "10000",
    description: "Time a process may take to finish its work when it is asked to stop",
  },
  ...scalerVariables,
  BRIAREUS_METRICS_HOST: {
    schema: z.string().min(1),
    fallback: "127.0.0.1",
    description: "Address of /metrics, /livez and /readyz",
  },
  BRIAREUS_METRICS_PORT: {
    schema: optional(whole(0, 65_535)),
    fallback: "",
    description: "Port of /metrics, /livez and /readyz (0: any free one); empty: not served",
  },
  BRIAREUS_LOG_LEVEL: {
    schema: z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"]),
    fallback: "info",
    description: "Least level of log lines",
  },
} satisfies Record<string, Variable<unknown>>;

export type VariableName = keyof typeof variables;
export type VariableValues = { [Name in VariableName]: z.infer<(typeof variables)[Name]["schema"]> };
