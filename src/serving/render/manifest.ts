import { gatewayPort } from "../resource/address-of-server.ts";

/** A Kubernetes object as it is applied: only fields that the controller wants to own. */
export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    ownerReferences?: readonly object[];
  };
  [field: string]: unknown;
}

/** Ports of every Triton and of the Envoy before them. */
export const ports = { http: 8000, grpc: gatewayPort, metrics: 8002, envoyAdmin: 9901, envoyProbe: 9902 } as const;
