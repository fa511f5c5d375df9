import type { ModelServer } from "../resource/model-server.ts";
import type { Manifest } from "./manifest.ts";
import { labelsOf, metadataOf, selectorOf } from "./names.ts";
import { gpuLimit, placement } from "./nodes.ts";
import type { Platform } from "./platform.ts";
import type { Template } from "./revision.ts";
import { containerSecurity, podSecurity } from "./security.ts";

/** Pods that do nothing but hold a GPU, so that a node is there before a server needs it. */
export function placeholders(server: ModelServer, template: Template, platform: Platform): Manifest {
  const labels = labelsOf(server, "placeholder");
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: metadataOf(server, `${server.metadata.name}-placeholder`, labels),
    spec: {
      replicas: server.spec.spareGpus,
      revisionHistoryLimit: 0,
      selector: { matchLabels: selectorOf(server, "placeholder") },
      template: {
        metadata: { labels },
        spec: {
          // Below every pod of a person's: the scheduler ends it for the first server that needs its GPU.
          priorityClassName: platform.placeholderClass,
          automountServiceAccountToken: false,
          terminationGracePeriodSeconds: 0,
          securityContext: podSecurity,
          ...placement(template),
          containers: [
            {
              name: "hold",
              image: platform.pauseImage,
              securityContext: containerSecurity,
              resources: {
                requests: { cpu: template.resources.cpu, memory: template.resources.memory },
                limits: { memory: template.resources.memory, ...gpuLimit(template) },
              },
            },
          ],
        },
      },
    },
  };
}
