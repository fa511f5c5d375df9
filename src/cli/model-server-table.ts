import type { Measurement } from "../serving/figures/measure.ts";
import type { ModelServer } from "../serving/resource/model-server.ts";
import { plain } from "./comparison-table.ts";
import { figureCells, figureHead, missingFigures } from "./model-server-figures.ts";
import { textTable } from "./text-table.ts";

/** How a ModelServer fares: a row of `briareus model servers`, and an entry of its JSON. */
export interface ModelServerSummary {
  namespace: string;
  name: string;
  ready: boolean;
  /** Servers that answer, and that may run. */
  servers: { ready: number; max: number };
  /** null: CPU only. */
  gpu: { type: string; sharedBy: number } | null;
  /** NAME URI PRECISION of what serves, else of what is wanted. */
  models: string[];
  /** null: none serves yet. */
  version: string | null;
  /** Phase of the version that is on its way; null: none is. */
  rollout: string | null;
  endpoint: string | null;
  /** REASON: SENTENCE of what a person should look at, else of why it is not ready; null: nothing is wrong. */
  trouble: string | null;
  /** Absent where they are not asked for. */
  measured?: Measurement;
}

export function summaryOf({ metadata, spec, status }: ModelServer, measured?: Measurement): ModelServerSummary {
  const of = (type: string) => status.conditions.find((condition) => condition.type === type);
  const [ready, degraded] = [of("Ready"), of("Degraded")];
  const told = degraded?.status === "True" ? degraded : ready?.status === "True" ? undefined : ready;
  const unseen = ready ? null : "Unseen: no serving controller has looked at it yet";
  const wanted = spec.model ? [{ name: metadata.name, ...spec.model }] : (spec.models ?? []);
  return {
    namespace: metadata.namespace,
    name: metadata.name,
    ready: ready?.status === "True",
    servers: { ready: status.readyReplicas ?? 0, max: spec.replicas.max },
    gpu: spec.gpu ? { type: spec.gpu, sharedBy: spec.gpuSharing?.clients ?? 1 } : null,
    models: status.serving?.models ?? wanted.map(({ name, uri, precision }) => `${name} ${uri} ${precision}`),
    version: status.serving?.revision ?? null,
    rollout: status.rollout?.phase ?? null,
    endpoint: status.endpoint ?? null,
    trouble: told ? `${told.reason}: ${told.message}` : unseen,
    ...(measured && { measured }),
  };
}

/** @param namespace absent: of all of them, which gives each row its own */
export function modelServerTable(servers: readonly ModelServerSummary[], namespace: string | undefined): string {
  if (servers.length === 0)
    return namespace === undefined
      ? "no ModelServers: briareus model deploy --help"
      : `no ModelServers in namespace ${namespace}; --all-namespaces shows those of all`;
  const measured = servers.some((server) => server.measured !== undefined);
  const head = ["NAME", "READY", "SERVERS", "GPU", ...(measured ? figureHead : []), "VERSION", "ROLLOUT", "MODELS"];
  const rows = servers.map((server) => [
    ...(namespace === undefined ? [server.namespace] : []),
    server.name,
    server.ready ? "yes" : "no",
    `${server.servers.ready} of ${server.servers.max}`,
    gpuInWords(server),
    ...(server.measured ? figureCells(server.measured) : []),
    server.version ?? "–",
    server.rollout ?? "–",
    server.models.map(plain).join(", "),
  ]);
  const nameOf = (server: ModelServerSummary) =>
    namespace === undefined ? `${server.namespace}/${server.name}` : server.name;
  const troubles = servers
    .filter(({ trouble }) => trouble !== null)
    .map((server) => `${nameOf(server)}: ${plain(server.trouble ?? "")}`);
  const missing = servers.map((server) => ({ name: nameOf(server), missing: server.measured?.missing ?? null }));
  const sentences = [...troubles, ...missingFigures(missing)];
  const table = textTable([[...(namespace === undefined ? ["NAMESPACE"] : []), ...head], ...rows]);
  return [...table, ...(sentences.length > 0 ? ["", ...sentences] : [])].join("\n");
}

function gpuInWords({ gpu }: ModelServerSummary): string {
  if (!gpu) return "CPU";
  return gpu.sharedBy > 1 ? `${gpu.type}, ${gpu.sharedBy} on one` : gpu.type;
}
