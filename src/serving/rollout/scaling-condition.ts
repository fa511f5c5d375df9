import { scalerOf } from "../render/autoscaler.ts";
import type { Platform } from "../render/platform.ts";
import type { ModelServer } from "../resource/model-server.ts";
import type { Condition } from "../resource/model-server-status.ts";

type Finding = Pick<Condition, "status" | "reason" | "message">;

/**
 * Whether anything scales it, by what, and what to do where nothing does though it is asked for.
 * @param fails the reason that its autoscaler gives for not scaling it. Its words are left out: they change while it tries
 */
export function scaling(server: ModelServer, platform: Platform, fails?: string): Finding {
  const { name, namespace } = server.metadata;
  const { min, max } = server.spec.replicas;
  const between = `between ${min} and ${max} servers`;
  const by = (reason: string, kind: string, means: string): Finding => {
    const message = `${kind} ${name} keeps it ${between}, by ${means}`;
    if (fails === undefined) return { status: "True", reason, message };
    const look = `kubectl describe ${kind.toLowerCase()} ${name} --namespace ${namespace}`;
    return { status: "False", reason: fails, message: `${message}, and cannot now. Why: ${look}` };
  };
  switch (scalerOf(server, platform)) {
    case "fixed":
      return { status: "False", reason: "FixedNumber", message: `replicas.min and replicas.max are both ${max}` };
    case "keda":
      return by("ByQueueTime", "ScaledObject", "queue time over compute time");
    case "queue-metric":
      return by("ByQueueTime", "HorizontalPodAutoscaler", `the metric ${platform.queueMetric}`);
    case "cpu":
      return by("ByCpu", "HorizontalPodAutoscaler", "the use of its CPUs");
    case "nothing": {
      const byHand = `kubectl scale modelserver ${name} --namespace ${namespace} --replicas ${max}`;
      const message = `Nothing keeps it ${between}: ${advice(platform)}. By hand: ${byHand}`;
      return { status: "False", reason: "NothingScales", message };
    }
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
