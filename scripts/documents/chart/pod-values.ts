/** The values that every process of the chart has. */
import { z } from "zod";
import { type VariableName, variables } from "../../../src/config/variables.ts";

/** Settings that the chart makes itself, of values of their own or of where things lie in a pod. */
const madeByChart = [
  "REDIS_URL",
  "DATABASE_URL",
  "GOOGLE_CLOUD_PROJECT",
  "PUBSUB_EMULATOR_HOST",
  "BRIAREUS_CAPTURES_TOPIC",
  "BRIAREUS_CAPTURES_SUBSCRIPTION",
  "BRIAREUS_VERDICTS_TOPIC",
  "BRIAREUS_DECISIONS_TOPIC",
  "BRIAREUS_REVIEW_SUBSCRIPTION",
  "BRIAREUS_REVIEW_HOST",
  "BRIAREUS_REVIEW_PORT",
  "BRIAREUS_REVIEW_URL",
  "BRIAREUS_TRUSTED_PROXIES",
  "BRIAREUS_OIDC_ISSUER",
  "BRIAREUS_OIDC_CLIENT_ID",
  "BRIAREUS_OIDC_CLIENT_SECRET",
  "BRIAREUS_OIDC_SCOPES",
  "BRIAREUS_OIDC_ROLE_CLAIM",
  "BRIAREUS_OIDC_ROLES",
  "BRIAREUS_MODEL_SERVER",
  "BRIAREUS_MODELS",
  "BRIAREUS_BLOBS",
  "BRIAREUS_EVIDENCE",
  "BRIAREUS_POLICY",
  "BRIAREUS_MAX_HELD",
  "BRIAREUS_CONCURRENCY",
  "BRIAREUS_DRAIN_MS",
  "BRIAREUS_FETCH_POOL",
  "BRIAREUS_PREPROCESS_POOL",
  "BRIAREUS_INFER_POOL",
  "BRIAREUS_POSTPROCESS_POOL",
  "BRIAREUS_SCALE_DOWN_MS",
  "BRIAREUS_SCALER_HOST",
  "BRIAREUS_SCALER_PORT",
  "BRIAREUS_METRICS_HOST",
  "BRIAREUS_METRICS_PORT",
  // A pod has no pictures of its own.
  "BRIAREUS_FETCH_FILE_ROOT",
] satisfies VariableName[];

const free = Object.entries(variables).filter(([name]) => !(madeByChart as string[]).includes(name));

/** Environment variables by name, each as its own schema allows it: a wrong one is refused before a pod is made. */
export const settings = z
  .strictObject(
    Object.fromEntries(free.map(([name, { schema, description }]) => [name, schema.optional().describe(description)])),
  )
  .meta({ id: "settings" });

const quantity = z.union([z.string(), z.number()]);
const resources = z
  .strictObject({
    requests: z.record(z.string(), quantity).default({}),
    limits: z.record(z.string(), quantity).default({}),
  })
  .meta({ id: "resources" });

/** As Kubernetes has them, which checks them itself. */
const texts = z.record(z.string(), z.string());
const objects = z.array(z.looseObject({}));

export const annotations = texts;
export const nodeSelector = texts;
export const tolerations = objects;
export const peers = objects;

export const port = z.int().min(1).max(65_535);

/** A value that lies in a Secret of yours. */
export const fromSecret = (key: string, what: string) =>
  z.strictObject({
    name: z.string().default("").describe(`Secret of yours that holds ${what}; empty: none`),
    key: z.string().min(1).default(key).describe("Its key"),
  });

export interface Size {
  cpu: string;
  memory: string;
  /** What a process may never exceed. A limit of CPU would only make it late. */
  memoryLimit: string;
}

export const sizeOf = ({ cpu, memory, memoryLimit }: Size) =>
  resources
    .default({ requests: { cpu, memory }, limits: { memory: memoryLimit } })
    .describe("What a pod asks for and may use");

/** What each of our own processes can be given. */
export const processValues = (size: Size) => ({
  resources: sizeOf(size),
  settings: settings.prefault({}).describe("Environment variables for these processes alone (docs/configuration.md)"),
  serviceAccountAnnotations: annotations
    .default({})
    .describe("Such as iam.gke.io/gcp-service-account, for Workload Identity"),
  nodeSelector: nodeSelector.default({}).describe("Nodes for these processes alone; else pods.nodeSelector"),
  tolerations: tolerations.default([]).describe("Taints they bear; else pods.tolerations"),
});
