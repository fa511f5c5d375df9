import { pathOf } from "../cluster/kinds.ts";
import type { KubeClient } from "../cluster/kube-client.ts";
import { KubeObject } from "../cluster/kube-object.ts";
import { shortHash, stableText } from "../render/names.ts";
import { apiVersion, type ModelServer } from "../resource/model-server.ts";
import type { ModelServerStatus } from "../resource/model-server-status.ts";
import type { Announcement } from "../rollout/announcements.ts";
import { fieldManager } from "./apply.ts";

/**
 * Writes the status if it changed, of the version of the object that was looked at and of no later one: a controller with an
 * old view must not undo a step.
 * @returns the version that it has now; undefined where nothing changed
 * @throws KubeError, "conflict" where there is a later one
 */
export async function writeStatus(
  client: KubeClient,
  server: ModelServer,
  status: ModelServerStatus,
): Promise<string | undefined> {
  if (stableText(status) === stableText(server.status)) return undefined;
  const { namespace, name, resourceVersion } = server.metadata;
  const written = await client.ask("PATCH", pathOf("ModelServer", namespace, name, "status"), {
    query: { fieldManager, force: "true" },
    body: { apiVersion, kind: "ModelServer", metadata: { name, namespace, resourceVersion }, status },
    contentType: "application/apply-patch+yaml",
  });
  return KubeObject.parse(written).metadata.resourceVersion;
}

/** Tells people, after the status says it: whoever sees an old status tells nothing twice. Nothing depends on events. */
export async function tell(
  client: KubeClient,
  server: ModelServer,
  announcements: readonly Announcement[],
  nowMs: number,
): Promise<void> {
  const { namespace, name, uid, resourceVersion } = server.metadata;
  for (const { type, reason, message } of announcements) {
    const time = new Date(nowMs).toISOString().replace(/\.\d+Z$/, "Z");
    const event = {
      apiVersion: "v1",
      kind: "Event",
      metadata: { name: `${name}.${shortHash([uid, resourceVersion, reason, message])}`, namespace },
      involvedObject: { apiVersion, kind: "ModelServer", name, namespace, uid, resourceVersion },
      ...{ type, reason, message: message.slice(0, 1_024) },
      source: { component: fieldManager },
      reportingComponent: fieldManager,
      ...{ firstTimestamp: time, lastTimestamp: time, count: 1 },
    };
    await client.ask("POST", pathOf("Event", namespace), { body: event }).catch(() => undefined);
  }
}
