/** Where the API server keeps what the controller reads and writes. */
export const kinds = {
  ModelServer: { apiVersion: "briareus.dev/v1alpha1", plural: "modelservers" },
  ControllerRevision: { apiVersion: "apps/v1", plural: "controllerrevisions" },
  Deployment: { apiVersion: "apps/v1", plural: "deployments" },
  Job: { apiVersion: "batch/v1", plural: "jobs" },
  Service: { apiVersion: "v1", plural: "services" },
  ConfigMap: { apiVersion: "v1", plural: "configmaps" },
  PodDisruptionBudget: { apiVersion: "policy/v1", plural: "poddisruptionbudgets" },
  HorizontalPodAutoscaler: { apiVersion: "autoscaling/v2", plural: "horizontalpodautoscalers" },
  ScaledObject: { apiVersion: "keda.sh/v1alpha1", plural: "scaledobjects" },
  ServiceMonitor: { apiVersion: "monitoring.coreos.com/v1", plural: "servicemonitors" },
  Pod: { apiVersion: "v1", plural: "pods" },
  Event: { apiVersion: "v1", plural: "events" },
  Lease: { apiVersion: "coordination.k8s.io/v1", plural: "leases" },
} as const;
export type Kind = keyof typeof kinds;

export const isKind = (kind: string): kind is Kind => kind in kinds;

/** Path of a collection, or of an object of it. @param namespace absent: of all namespaces */
export function pathOf(kind: Kind, namespace?: string, name?: string, subresource?: "status"): string {
  const { apiVersion, plural } = kinds[kind];
  const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const parts = [root, ...(namespace ? ["namespaces", namespace] : []), plural, name, subresource];
  return parts.filter((part) => part !== undefined).join("/");
}
