/** What the doctor says of ModelServers, where a kubeconfig names a cluster to ask. */
import type { KubeConfig } from "@kubernetes/client-node";
import { z } from "zod";
import { pathOf } from "../serving/cluster/kinds.ts";
import { createKubeClient } from "../serving/cluster/kube-client.ts";
import { isKubeError } from "../serving/cluster/kube-error.ts";
import { Condition } from "../serving/resource/model-server-status.ts";
import type { Diagnosis } from "./diagnose.ts";

const ModelServers = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string(), namespace: z.string(), creationTimestamp: z.iso.datetime() }),
      status: z.object({ conditions: z.array(Condition).default([]) }).prefault({}),
    }),
  ),
});
type ModelServer = z.infer<typeof ModelServers>["items"][number];

/** A controller looks at a new one within seconds. */
const unseenLimitMs = 60_000;

/** One finding per ModelServer in the namespace of the kubeconfig's context; never throws. */
export async function diagnoseServing(open: () => KubeConfig, nowMs = Date.now()): Promise<Diagnosis[]> {
  const what = "ModelServers";
  try {
    const config = open();
    const namespace = config.getContextObject(config.getCurrentContext())?.namespace ?? "default";
    const { items } = ModelServers.parse(await createKubeClient(config).ask("GET", pathOf("ModelServer", namespace)));
    if (items.length > 0) return items.map((server) => findingOf(server, nowMs));
    return [{ what, good: true, detail: `none in namespace ${namespace}` }];
  } catch (error) {
    if (isKubeError(error, "missing"))
      return [{ what, good: true, detail: "the cluster that KUBECONFIG names does not know them" }];
    const detail = `not asked: ${error instanceof Error ? error.message : String(error)}`;
    return [{ what, good: true, detail, advice: "kubectl get modelservers, or unset KUBECONFIG" }];
  }
}

function findingOf({ metadata, status }: ModelServer, nowMs: number): Diagnosis {
  const { name, namespace, creationTimestamp } = metadata;
  const what = `ModelServer ${name}`;
  const of = (type: string) => status.conditions.find((condition) => condition.type === type);
  const advice = `kubectl describe modelserver ${name} --namespace ${namespace}`;
  const [ready, degraded] = [of("Ready"), of("Degraded")];
  if (!ready) {
    const good = nowMs - Date.parse(creationTimestamp) < unseenLimitMs;
    const whoLooks = "kubectl get pods --all-namespaces --selector app.kubernetes.io/component=serving-controller";
    return { what, good, detail: "no controller has looked at it yet", advice: `is one running? ${whoLooks}` };
  }
  if (degraded?.status === "True")
    return { what, good: false, detail: `${degraded.reason}: ${degraded.message}`, advice };
  if (ready.status === "True") return { what, good: true, detail: "ready" };
  return { what, good: true, detail: `not ready: ${ready.message}`, advice };
}
