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
const cpuPercent = 70;

/** None where nothing could scale it: max is min, or there is a GPU and no Prometheus. */
export function autoscaler(server: ModelServer, platform: Platform): Manifest | undefined {
  const { min, max } = server.spec.replicas;
  if (max <= min) return undefined;
  if (platform.prometheusUrl && platform.has.scaledObjects) return scaledObject(server, platform.prometheusUrl);
  return server.spec.gpu ? undefined : onCpu(server);
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

function onCpu(server: ModelServer): Manifest {
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
      metrics: [
        {
          type: "Resource",
          resource: { name: "cpu", target: { type: "Utilization", averageUtilization: cpuPercent } },
        },
      ],
      behavior: behaviour(server),
    },
  };
}

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
