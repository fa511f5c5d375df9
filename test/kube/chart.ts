/** The chart as tests render and install it. */
import { parseAllDocuments } from "yaml";
import type { Cluster } from "./cluster.ts";

export const chart = "deploy/helm/briareus";

/** Values as `--set-json` takes them, by path. */
export type Values = Record<string, unknown>;

export const valueArguments = (values: Values): string[] =>
  Object.entries(values).flatMap(([path, value]) => ["--set-json", `${path}=${JSON.stringify(value)}`]);

export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels: Record<string, string>; annotations?: Record<string, string> };
}

export interface Probe {
  httpGet?: { path: string; port: string };
}

export interface Container {
  name: string;
  livenessProbe?: Probe;
  readinessProbe?: Probe;
  args?: string[];
  env: { name: string; value?: string; valueFrom?: { secretKeyRef: { name: string; key: string } } }[];
}

export interface PodSpec {
  serviceAccountName?: string;
  automountServiceAccountToken?: boolean;
  terminationGracePeriodSeconds?: number;
  nodeName?: string;
  containers: Container[];
  volumes?: Record<string, unknown>[];
}

export interface Deployment extends KubernetesObject {
  spec: { replicas?: number; template: { spec: PodSpec } };
  status?: { observedGeneration?: number; availableReplicas?: number };
}

interface Place {
  release?: string;
  namespace?: string;
}

/** What `helm template` makes of the values. */
export async function render(cluster: Cluster, values: Values = {}, place: Place = {}): Promise<KubernetesObject[]> {
  const text = await renderText(cluster, values, place);
  return parseAllDocuments(text).map((document) => document.toJS() as KubernetesObject);
}

export const renderText = (cluster: Cluster, values: Values, { release = "trial", namespace = "somewhere" }: Place) =>
  cluster.helm("template", release, chart, "--namespace", namespace, ...valueArguments(values));

/** ModelServers as this tree defines them. Helm refuses to install its definition beside another's that differs. */
export async function applyDefinition(cluster: Cluster): Promise<void> {
  const apply = ["apply", "--server-side", "--force-conflicts"];
  await cluster.kubectl([...apply, "--filename", "deploy/crds/modelservers.yaml"]);
  await cluster.kubectl(["wait", "--for", "condition=Established", "crd/modelservers.briareus.dev"]);
}

export const deploymentsOf = (objects: readonly KubernetesObject[]) =>
  objects.filter((object): object is Deployment => object.kind === "Deployment");
