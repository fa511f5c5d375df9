import { z } from "zod";
import type { KubeClient } from "./kube-client.ts";

const Groups = z.looseObject({ groups: z.array(z.looseObject({ name: z.string() })) });

/** What the cluster has beside Kubernetes' own kinds. @throws KubeError */
export async function discover(client: KubeClient): Promise<{ scaledObjects: boolean; serviceMonitors: boolean }> {
  const { groups } = Groups.parse(await client.ask("GET", "/apis"));
  const has = (name: string) => groups.some((group) => group.name === name);
  return { scaledObjects: has("keda.sh"), serviceMonitors: has("monitoring.coreos.com") };
}
