import type { ModelServer } from "../resource/model-server.ts";
import { type Manifest, ports } from "./manifest.ts";
import { labelsOf, metadataOf, revisionName, selectorOf } from "./names.ts";
import type { Platform } from "./platform.ts";

/** The servers of one version by a name that stands for all their addresses: Envoy finds them by it. */
export function headlessService(server: ModelServer, revision: string): Manifest {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: metadataOf(server, revisionName(server, revision), labelsOf(server, "server", revision)),
    spec: {
      clusterIP: "None",
      selector: selectorOf(server, "server", revision),
      ports: [port("grpc", ports.grpc), port("http", ports.http), port("metrics", ports.metrics)],
    },
  };
}

/** Where workers connect: the Envoys. */
export function gatewayService(server: ModelServer): Manifest {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: metadataOf(server, server.metadata.name, labelsOf(server, "gateway")),
    spec: {
      type: "ClusterIP",
      selector: selectorOf(server, "gateway"),
      ports: [port("grpc", ports.grpc)],
    },
  };
}

/** HOST:PORT for workers. */
export function endpointOf({ metadata }: ModelServer, { clusterDomain }: Platform): string {
  return `${metadata.name}.${metadata.namespace}.svc.${clusterDomain}:${ports.grpc}`;
}

const port = (name: string, number: number) => ({ name, port: number, targetPort: name, protocol: "TCP" });
