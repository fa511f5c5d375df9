/**
 * The end of a ModelServer:
 *
 *     deleted ──► the Envoys end: they let clients go, and what is under way is answered ──► the servers end ──► gone
 *
 * Each step waits for the one before, all together at most ten minutes. Nothing is made any more: the namespace may be
 * on its way out as well.
 */
import { pathOf } from "../cluster/kinds.ts";
import type { KubeClient } from "../cluster/kube-client.ts";
import { isKubeError } from "../cluster/kube-error.ts";
import { gatewayName } from "../render/gateway.ts";
import { partLabel } from "../render/names.ts";
import { finaliser, type ModelServer } from "../resource/model-server.ts";
import type { ModelServerStatus } from "../resource/model-server-status.ts";
import { fieldManager, remove, setFinalisers } from "./apply.ts";
import type { Children } from "./children.ts";
import { differs } from "./differs.ts";
import { tell, writeStatus } from "./write-status.ts";

const drainLimitMs = 600_000;

/** @returns after how many ms it is to be looked at again */
export async function drain(
  server: ModelServer,
  children: Children,
  client: KubeClient,
  nowMs: number,
): Promise<number | undefined> {
  const { metadata, status } = server;
  if (!metadata.finalizers.includes(finaliser)) return undefined;
  if (!status.draining) {
    const message = "It was deleted: traffic ends first, then the servers";
    await writeStatus(client, server, drainingStatus(server, message, nowMs));
    await tell(client, server, [{ type: "Normal", reason: "Draining", message }], nowMs);
    return undefined; // The change itself brings it back.
  }
  const leftMs = Date.parse(status.draining.since) + drainLimitMs - nowMs;
  await endGateway(server, children, client);
  if (children.pods("gateway").length > 0 && leftMs > 0) return leftMs;
  for (const { kind, object } of children.owned.values())
    if (kind === "Deployment" && object.metadata.labels[partLabel] === "server" && !object.metadata.deletionTimestamp)
      await remove(client, kind, object);
  if (children.pods("server").length > 0 && leftMs > 0) return leftMs;
  await setFinalisers(
    client,
    server,
    metadata.finalizers.filter((each) => each !== finaliser),
  );
  return undefined;
}

async function endGateway(server: ModelServer, children: Children, client: KubeClient): Promise<void> {
  const name = gatewayName(server);
  const body = { spec: { replicas: 0 } };
  const live = children.find("Deployment", name);
  if (!live || !differs(body, live)) return;
  const options = { query: { fieldManager }, body, contentType: "application/merge-patch+json" } as const;
  await client.ask("PATCH", pathOf("Deployment", server.metadata.namespace, name), options).catch((error: unknown) => {
    if (!isKubeError(error, "missing")) throw error;
  });
}

function drainingStatus({ status, metadata }: ModelServer, message: string, nowMs: number): ModelServerStatus {
  const now = new Date(nowMs).toISOString();
  const conditions = status.conditions.map((condition) =>
    condition.type === "Ready"
      ? { ...condition, status: "False" as const, reason: "Draining", message, lastTransitionTime: now }
      : condition,
  );
  return { ...status, observedGeneration: metadata.generation, conditions, draining: { since: now } };
}
