/**
 * Scaling on queue time over compute time: how long requests wait for each second that they are computed. It says the
 * same for a small model and a large one, and rises before the GPU's own load, which is at 100 % early.
 */
import { apiVersion, type ModelServer } from "../resource/model-server.ts";
import type { Manifest } from "./manifest.ts";
import { labelsOf, metadataOf } from "./names.ts";
import type { Platform } from "./platform.ts";

/** Requests shall wait half as long as they are computed, at most. */
const queueOverCompute = "0.5";
/** The same, as the API server writes it: what it writes otherwise would be put back for ever. */
const queueOverComputeQuantity = "500m";
const cpuPercent = 70;

/** What scales a ModelServer; "fixed": it has one number of servers; "nothing": it shall be scaled, and there are no means. */
export type Scaler = "fixed" | "keda" | "queue-metric" | "cpu" | "nothing";

export function scalerOf({ spec }: ModelServer, { prometheusUrl, queueMetric, has }: Platform): Scaler {
  if (spec.replicas.max <= spec.replicas.min) return "fixed";
  // First, since a cluster has one source of external metrics: with KEDA it is KEDA.
  if (prometheusUrl && has.scaledObjects) return "keda";
  if (queueMetric) return "queue-metric";
  return spec.gpu ? "nothing" : "cpu";
}

/** None where it is not scaled, or nothing could do it. */
export function autoscaler(server: ModelServer, platform: Platform): Manifest | undefined {
  const { prometheusUrl = "", queueMetric = "" } = platform;
  switch (scalerOf(server, platform)) {
    case "keda":
      return scaledObject(server, prometheusUrl);
    case "queue-metric":
      return horizontal(server, byQueueMetric(server, queueMetric));
    case "cpu":
      return horizontal(server, byCpu);
    default:
      return undefined;
  }
}

/** Its target is the ModelServer itself: a roll-out and an autoscaler never quarrel about a Deployment. */
const target = ({ metadata }: ModelServer) => ({ apiVersion, kind: "ModelServer", name: metadata.name });

function scaledObject(server: ModelServer, serverAddress: string): Manifest {
  const { name, namespace } = server.metadata;
  const { min, max } = server.spec.replicas;
  const pods = `namespace="${namespace}",pod=~"${name}-[0-9a-f]{8}-.*"`;
  const rate = (metric: string) => `sum(rate(nv_inference_${metric}_duration_us{${pods}}[1m]))`;
  return {
    apiVersion: "keda.sh/v1alpha1",
    kind: "ScaledObject",
    metadata: metadataOf(server, name, labelsOf(server, "server")),
    spec: {
      scaleTargetRef: target(server),
      pollingInterval: 15,
      minReplicaCount: min,
      maxReplicaCount: max,
      advanced: { horizontalPodAutoscalerConfig: { behavior: behaviour(server) } },
      triggers: [
        {
          type: "prometheus",
          metricType: "Value",
          metadata: {
            serverAddress,
            query: `(${rate("queue")} / (${rate("compute_infer")} > 0)) or vector(0)`,
            threshold: queueOverCompute,
          },
        },
      ],
    },
  };
}

function horizontal(server: ModelServer, metric: object): Manifest {
  const { name } = server.metadata;
  const { min, max } = server.spec.replicas;
  return {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: metadataOf(server, name, labelsOf(server, "server")),
    spec: {
      scaleTargetRef: target(server),
      minReplicas: min,
      maxReplicas: max,
      metrics: [metric],
      behavior: behaviour(server),
    },
  };
}

const byCpu = {
  type: "Resource",
  resource: { name: "cpu", target: { type: "Utilization", averageUtilization: cpuPercent } },
};

/** Of whatever serves the external metrics of the cluster: it has one for each ModelServer, told apart by these labels. */
const byQueueMetric = ({ metadata }: ModelServer, name: string) => ({
  type: "External",
  external: {
    metric: { name, selector: { matchLabels: { namespace: metadata.namespace, model_server: metadata.name } } },
    target: { type: "Value", value: queueOverComputeQuantity },
  },
});

/**
 * A GPU node takes minutes to come: whoever asks for more each minute meanwhile gets far too many. And what is there was
 * expensive to get, so it stays a while.
 */
function behaviour({ spec }: ModelServer) {
  const up = spec.gpu
    ? { windowSeconds: 60, pods: 2, periodSeconds: 180 }
    : { windowSeconds: 15, pods: 4, periodSeconds: 30 };
  const down = spec.gpu ? { windowSeconds: 900, periodSeconds: 300 } : { windowSeconds: 300, periodSeconds: 60 };
  return {
    scaleUp: {
      stabilizationWindowSeconds: up.windowSeconds,
      selectPolicy: "Max",
      policies: [{ type: "Pods", value: up.pods, periodSeconds: up.periodSeconds }],
    },
    scaleDown: {
      stabilizationWindowSeconds: down.windowSeconds,
      selectPolicy: "Max",
      policies: [{ type: "Pods", value: 1, periodSeconds: down.periodSeconds }],
    },
  };
}
