import type { ModelServer } from "../resource/model-server.ts";
import type { Manifest } from "./manifest.ts";
import { labelsOf, metadataOf, selectorOf } from "./names.ts";

/** Lets the Prometheus operator scrape the servers of all versions. */
export function serviceMonitor(server: ModelServer): Manifest {
  return {
    apiVersion: "monitoring.coreos.com/v1",
    kind: "ServiceMonitor",
    metadata: metadataOf(server, server.metadata.name, labelsOf(server, "server")),
    spec: {
      selector: { matchLabels: selectorOf(server, "server") },
      endpoints: [{ port: "metrics", interval: "15s" }],
    },
  };
}
