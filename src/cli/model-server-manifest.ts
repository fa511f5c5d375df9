import { apiVersion } from "../serving/resource/model-server.ts";
import type { precisions, servingBackends } from "../serving/resource/model-server-spec.ts";

/** What `briareus model deploy` takes; what is left out is left to the API server's defaults. */
export interface ModelServerOptions {
  uri: string;
  model?: string;
  backend?: (typeof servingBackends)[number];
  precision?: (typeof precisions)[number];
  labels?: string[];
  normalise?: string;
  engines?: string;
  gpu?: string;
  gpuClients?: number;
  min?: number;
  max?: number;
  latencyGoal?: string;
  maxBatch?: number;
  queueDelay?: string;
  cpu?: string;
  memory?: string;
  serviceAccount?: string;
}

type Fields = Record<string, unknown>;

/** The ModelServer to write: only what was asked for, so that nothing else is taken from whoever set it. */
export function modelServerManifest(name: string, namespace: string | undefined, options: ModelServerOptions): object {
  const { uri, model, backend, precision, labels, normalise, gpu, gpuClients, latencyGoal } = options;
  const convert = given({ labels, normalise });
  const spec = given({
    model: given({ name: model, uri, backend, precision, convert }),
    gpu,
    gpuSharing: given({ clients: gpuClients }),
    replicas: given({ min: options.min, max: options.max ?? options.min }),
    latencyGoal,
    batch: given({ max: options.maxBatch, queueDelay: options.queueDelay }),
    resources: given({ cpu: options.cpu, memory: options.memory }),
    serviceAccount: options.serviceAccount,
    engines: options.engines,
  });
  return { apiVersion, kind: "ModelServer", metadata: given({ name, namespace }), spec };
}

/** Without what is undefined; undefined where nothing is left. */
function given(fields: Fields): Fields | undefined {
  const kept = Object.entries(fields).filter(([, value]) => value !== undefined);
  return kept.length > 0 ? Object.fromEntries(kept) : undefined;
}
