import type { Informer } from "../cluster/informer.ts";
import { isKind, type Kind } from "../cluster/kinds.ts";
import type { KubeObject } from "../cluster/kube-object.ts";
import { type Part, partLabel, revisionLabel, serverLabel } from "../render/names.ts";
import type { ModelServer } from "../resource/model-server.ts";

/** What the API server has of one ModelServer's parts, as the informers know it. */
export interface Children {
  /** Owned by it, by KIND/NAME. */
  owned: ReadonlyMap<string, { kind: Kind; object: KubeObject }>;
  find(kind: Kind, name: string): KubeObject | undefined;
  /** Pods of a part, whoever owns them. */
  pods(part: Part, revision?: string): KubeObject[];
}

/** NAMESPACE/NAME of the ModelServer that an object says it is part of. */
export function serverKeyOf({ metadata }: KubeObject): string | undefined {
  const name = metadata.labels[serverLabel];
  return name && `${metadata.namespace}/${name}`;
}

export function childrenOf(server: ModelServer, informers: ReadonlyMap<Kind, Informer>): Children {
  const { namespace, name, uid } = server.metadata;
  const owned = new Map<string, { kind: Kind; object: KubeObject }>();
  const mine = (kind: Kind) => informers.get(kind)?.listOf(`${namespace}/${name}`) ?? [];
  for (const kind of informers.keys())
    if (kind !== "Pod" && kind !== "ModelServer")
      for (const object of mine(kind))
        if (object.metadata.ownerReferences.some((owner) => owner.uid === uid))
          owned.set(idOf(kind, object.metadata.name), { kind, object });
  const pods = mine("Pod");
  return {
    owned,
    find: (kind, name) => owned.get(idOf(kind, name))?.object,
    pods: (part, revision) =>
      pods.filter(
        ({ metadata: { labels } }) =>
          labels[partLabel] === part && (revision === undefined || labels[revisionLabel] === revision),
      ),
  };
}

export const idOf = (kind: string, name: string) => `${isKind(kind) ? kind : "unknown"}/${name}`;
