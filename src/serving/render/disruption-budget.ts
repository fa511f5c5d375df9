import type { ModelServer } from "../resource/model-server.ts";
import type { Manifest } from "./manifest.ts";
import { labelsOf, metadataOf, type Part, selectorOf } from "./names.ts";

/** Nodes are emptied one server at a time; a part of one pod must not hold an upgrade of the nodes up for ever. */
export function disruptionBudget(server: ModelServer, part: Part, name: string, minAvailable: number): Manifest {
  return {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: metadataOf(server, name, labelsOf(server, part)),
    spec: {
      ...(minAvailable > 1 ? { maxUnavailable: 1 } : { minAvailable: 1 }),
      selector: { matchLabels: selectorOf(server, part) },
      // What is not ready protects nothing.
      unhealthyPodEvictionPolicy: "AlwaysAllow",
    },
  };
}
