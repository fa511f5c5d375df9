import { isKind, type Kind, pathOf } from "../cluster/kinds.ts";
import type { KubeClient } from "../cluster/kube-client.ts";
import { isKubeError } from "../cluster/kube-error.ts";
import type { KubeObject } from "../cluster/kube-object.ts";
import type { Manifest } from "../render/manifest.ts";
import { shortHash } from "../render/names.ts";
import type { ModelServer } from "../resource/model-server.ts";
import { type Children, idOf } from "./children.ts";
import { differs } from "./differs.ts";
import { ModelServerError } from "./model-server-error.ts";
import type { RecentWrites } from "./recent-writes.ts";

export const fieldManager = "briareus-serving";
const appliedAnnotation = "briareus.dev/applied";
/** Written once: the API server takes no change of them, and none is wanted. */
const fixedKinds: readonly string[] = ["Job", "ControllerRevision"];

/**
 * Makes the cluster hold what the manifests say, by server-side apply, and nothing else of this ModelServer. What is as it
 * shall be is not written.
 * @param keeps objects that are no part of the manifests, and stay
 * @throws KubeError; ModelServerError where a name is taken by something else
 */
export async function applyManifests(
  client: KubeClient,
  manifests: readonly Manifest[],
  children: Children,
  keeps: (object: KubeObject) => boolean,
  recent: RecentWrites,
): Promise<void> {
  const wanted = new Set<string>();
  for (const manifest of manifests) {
    const { kind, metadata } = manifest;
    wanted.add(idOf(kind, metadata.name));
    if (!isKind(kind)) throw new TypeError(`no such kind: ${kind}`);
    const live = children.find(kind, metadata.name);
    if (live?.metadata.deletionTimestamp) continue;
    if (live && fixedKinds.includes(kind)) continue;
    const marked = withMark(manifest);
    if (live && !differs(marked, live)) continue;
    const id = `${metadata.namespace}/${idOf(kind, metadata.name)}`;
    const mark = `${shortHash(marked)} ${live?.metadata.resourceVersion}`;
    if (recent.has(id, mark)) continue;
    await apply(client, kind, marked, live !== undefined);
    recent.note(id, mark);
  }
  for (const [id, { kind, object }] of children.owned)
    if (!wanted.has(id) && !object.metadata.deletionTimestamp && !keeps(object)) await remove(client, kind, object);
}

/** A field that the manifest does not name any more makes no difference but to this. */
function withMark(manifest: Manifest): Manifest {
  const { metadata } = manifest;
  const annotations = { ...metadata.annotations, [appliedAnnotation]: shortHash(manifest) };
  return { ...manifest, metadata: { ...metadata, annotations } };
}

async function apply(client: KubeClient, kind: Kind, manifest: Manifest, ours: boolean): Promise<void> {
  const { namespace, name } = manifest.metadata;
  // Taking fields by force is for what is ours; what is another's is not touched.
  const query = { fieldManager, force: String(ours) };
  const path = pathOf(kind, namespace, name);
  await client
    .ask("PATCH", path, { query, body: manifest, contentType: "application/apply-patch+yaml" })
    .catch((error: unknown) => {
      if (ours || !isKubeError(error, "conflict")) throw error;
      throw new ModelServerError(
        "name-taken",
        `There is a ${kind} ${name} in ${namespace} that is not this ModelServer's: rename one of them`,
        { cause: error },
      );
    });
}

export async function remove(client: KubeClient, kind: Kind, object: KubeObject): Promise<void> {
  const { namespace, name, uid } = object.metadata;
  const body = { propagationPolicy: "Background", preconditions: { uid } };
  await client.ask("DELETE", pathOf(kind, namespace, name), { body }).catch((error: unknown) => {
    if (!isKubeError(error, "missing", "conflict")) throw error;
  });
}

/** Changes the finalisers only of the version that was looked at. */
export async function setFinalisers(
  client: KubeClient,
  { metadata }: ModelServer,
  finalizers: string[],
): Promise<void> {
  await client.ask("PATCH", pathOf("ModelServer", metadata.namespace, metadata.name), {
    query: { fieldManager },
    body: { metadata: { resourceVersion: metadata.resourceVersion, finalizers } },
    contentType: "application/merge-patch+json",
  });
}
