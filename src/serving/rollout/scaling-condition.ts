import { scalerOf } from "../render/autoscaler.ts";
import type { Platform } from "../render/platform.ts";
import type { ModelServer } from "../resource/model-server.ts";
import type { Condition } from "../resource/model-server-status.ts";

/** Whether anything scales it, by what, and what to do where nothing can though it is asked for. */
export function scaling(server: ModelServer, platform: Platform): Pick<Condition, "status" | "reason" | "message"> {
  const { name, namespace } = server.metadata;
  const { min, max } = server.spec.replicas;
  const between = `between ${min} and ${max} servers`;
  switch (scalerOf(server, platform)) {
    case "fixed":
      return { status: "False", reason: "FixedNumber", message: `replicas.min and replicas.max are both ${max}` };
    case "keda":
      return {
        ...{ status: "True", reason: "ByQueueTime" },
        message: `KEDA keeps it ${between}, by queue time over compute time`,
      };
    case "queue-metric":
      return {
        ...{ status: "True", reason: "ByQueueTime" },
        message: `HorizontalPodAutoscaler ${name} keeps it ${between}, by the metric ${platform.queueMetric}`,
      };
    case "cpu":
      return {
        ...{ status: "True", reason: "ByCpu" },
        message: `HorizontalPodAutoscaler ${name} keeps it ${between}, by the use of its CPUs`,
      };
    case "nothing":
      return {
        ...{ status: "False", reason: "NothingScales" },
        message: `Nothing keeps it ${between}: ${advice(platform)}. By hand: kubectl scale modelserver ${name} --namespace ${namespace} --replicas ${max}`,
      };
  }
}

function advice({ prometheusUrl, has }: Platform): string {
  const keda = has.scaledObjects
    ? "start the serving controller with --prometheus"
    : prometheusUrl
      ? "install KEDA and start the serving controller anew"
      : "install KEDA and start the serving controller with --prometheus";
  return `${keda}, or with --queue-metric`;
}
