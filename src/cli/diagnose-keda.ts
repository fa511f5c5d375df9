/** What the doctor says of KEDA, where a kubeconfig names a cluster to ask. */
import { KubeConfig } from "@kubernetes/client-node";
import { z } from "zod";
import { pathOf } from "../serving/cluster/kinds.ts";
import { createKubeClient } from "../serving/cluster/kube-client.ts";
import { isKubeError } from "../serving/cluster/kube-error.ts";
import type { Diagnosis } from "./diagnose.ts";

const ScaledObjects = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string(), namespace: z.string() }),
      status: z
        .object({
          conditions: z
            .array(z.object({ type: z.string(), status: z.string(), message: z.string().default("") }))
            .default([]),
        })
        .default({ conditions: [] }),
    }),
  ),
});
type ScaledObject = z.infer<typeof ScaledObjects>["items"][number];

/** The cluster that KUBECONFIG names, of one file or several. */
export function configuredCluster(): KubeConfig {
  const config = new KubeConfig();
  config.loadFromDefault();
  return config;
}

/** One finding per ScaledObject of a release of ours, in the namespace of the kubeconfig's context; never throws. */
export async function diagnoseKeda(open: () => KubeConfig): Promise<Diagnosis[]> {
  const what = "ScaledObjects";
  try {
    const config = open();
    const namespace = config.getContextObject(config.getCurrentContext())?.namespace ?? "default";
    const query = { labelSelector: "app.kubernetes.io/name=briareus" };
    const found = await createKubeClient(config).ask("GET", pathOf("ScaledObject", namespace), { query });
    const { items } = ScaledObjects.parse(found);
    if (items.length > 0) return items.map(findingOf);
    const advice = "kubectl config set-context --current --namespace NAME, if they are in another";
    return [{ what, good: true, detail: `none of Briareus in namespace ${namespace}`, advice }];
  } catch (error) {
    if (isKubeError(error, "missing"))
      return [{ what, good: true, detail: "the cluster that KUBECONFIG names has no KEDA" }];
    const detail = `not asked: ${error instanceof Error ? error.message : String(error)}`;
    return [{ what, good: true, detail, advice: "kubectl get scaledobjects, or unset KUBECONFIG" }];
  }
}

function findingOf({ metadata: { name, namespace }, status }: ScaledObject): Diagnosis {
  const what = `ScaledObject ${name}`;
  const of = (type: string) => status.conditions.find((condition) => condition.type === type);
  const describe = `kubectl describe scaledobject ${name} --namespace ${namespace}`;
  const ready = of("Ready");
  if (ready?.status === "False") {
    const advice = `its pool does not follow the load: does briareus autoscaler answer? ${describe}`;
    return { what, good: false, detail: `not ready: ${ready.message}`, advice };
  }
  if (!ready || ready.status === "Unknown")
    return { what, good: true, detail: "KEDA has not looked at it yet", advice: describe };
  if (of("Paused")?.status === "True") {
    const advice = `kubectl annotate scaledobject ${name} --namespace ${namespace} autoscaling.keda.sh/paused- autoscaling.keda.sh/paused-replicas-`;
    return { what, good: true, detail: "paused by an annotation: its pool stays as it is", advice };
  }
  if (of("Fallback")?.status === "True")
    return {
      what,
      good: true,
      detail: "has its fallback's workers, for the scaler gives no figures",
      advice: describe,
    };
  return { what, good: true, detail: "ready" };
}
