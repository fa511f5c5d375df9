import type { Template } from "./revision.ts";

/** GKE's names of GPU types, where they are not the type's own. */
const acceleratorNames: Record<string, string> = {
  "nvidia-t4": "nvidia-tesla-t4",
  "nvidia-v100": "nvidia-tesla-v100",
  "nvidia-p4": "nvidia-tesla-p4",
  "nvidia-p100": "nvidia-tesla-p100",
  "nvidia-a100": "nvidia-tesla-a100",
  "nvidia-h100": "nvidia-h100-80gb",
};

export const gpuResource = "nvidia.com/gpu";
/** GKE's label of nodes with shared GPUs: how many share one. */
export const sharedByLabel = "cloud.google.com/gke-max-shared-clients-per-gpu";

/** On which nodes a pod may run, and what of a GPU it takes. */
export function placement(template: Template) {
  const { gpu, gpuSharing, preload, nodeSelector = {}, tolerations = [] } = template;
  const selector = {
    ...(gpu && { "cloud.google.com/gke-accelerator": acceleratorNames[gpu] ?? gpu }),
    ...(gpuSharing && {
      "cloud.google.com/gke-gpu-sharing-strategy": gpuSharing.strategy,
      [sharedByLabel]: String(gpuSharing.clients),
    }),
    ...(preload && {
      [`cloud.google.com.node-restriction.kubernetes.io/gke-secondary-boot-disk-${preload.bootDisk}`]: `CONTAINER_IMAGE_CACHE.${preload.project}`,
    }),
    ...nodeSelector,
  };
  const borne = [...(gpu ? [{ key: gpuResource, operator: "Exists", effect: "NoSchedule" }] : []), ...tolerations];
  return {
    ...(Object.keys(selector).length > 0 && { nodeSelector: selector }),
    ...(borne.length > 0 && { tolerations: borne }),
  };
}

/** A GPU, or the share that a client gets, is asked for as one. */
export const gpuLimit = ({ gpu }: Template) => (gpu ? { [gpuResource]: "1" } : {});
