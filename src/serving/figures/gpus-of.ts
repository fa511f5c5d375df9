import { z } from "zod";
import type { KubeObject } from "../cluster/kube-object.ts";
import { type Part, partLabel } from "../render/names.ts";
import { gpuResource, sharedByLabel } from "../render/nodes.ts";

export interface GpusInUse {
  /** By servers and Jobs, ready or not: a GPU is taken as soon as a pod is on its node. */
  inUse: number;
  /** Held by placeholders, for the next server. */
  spare: number;
}

const PodOnNode = z.looseObject({
  spec: z.looseObject({
    nodeName: z.string().optional(),
    nodeSelector: z.record(z.string(), z.string()).default({}),
    containers: z.array(
      z.looseObject({
        resources: z.looseObject({ limits: z.record(z.string(), z.coerce.string()).default({}) }).prefault({}),
      }),
    ),
  }),
  status: z.looseObject({ phase: z.string().default("") }).prefault({}),
});

/** The GPUs that pods of a ModelServer take. A share of one counts as that share. */
export function gpusOf(pods: readonly KubeObject[]): GpusInUse {
  const taken = (of: (part: string | undefined) => boolean) =>
    pods.filter(({ metadata }) => of(metadata.labels[partLabel])).reduce((sum, pod) => sum + gpusOfPod(pod), 0);
  const placeholder: Part = "placeholder";
  return { inUse: taken((part) => part !== placeholder), spare: taken((part) => part === placeholder) };
}

function gpusOfPod(pod: KubeObject): number {
  const { spec, status } = PodOnNode.parse(pod);
  if (spec.nodeName === undefined || status.phase === "Succeeded" || status.phase === "Failed") return 0;
  const asked = spec.containers.reduce((sum, { resources }) => sum + Number(resources.limits[gpuResource] ?? 0), 0);
  return asked / Number(spec.nodeSelector[sharedByLabel] ?? 1);
}
