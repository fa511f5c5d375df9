import { createHash } from "node:crypto";
import { apiVersion, group, type ModelServer } from "../resource/model-server.ts";

/** On everything that the controller makes; it looks at nothing else. */
export const managedBy = { "app.kubernetes.io/managed-by": "briareus-serving" } as const;
export const serverLabel = `${group}/model-server`;
export const revisionLabel = `${group}/revision`;
export const partLabel = "app.kubernetes.io/component";

/** What an object is for; the pods of each can be selected by it. */
export type Part = "server" | "gateway" | "placeholder" | "conversion" | "comparison";

export function labelsOf(server: ModelServer, part: Part, revision?: string): Record<string, string> {
  return {
    ...managedBy,
    "app.kubernetes.io/name": "model-server",
    "app.kubernetes.io/instance": server.metadata.name,
    [partLabel]: part,
    [serverLabel]: server.metadata.name,
    ...(revision && { [revisionLabel]: revision }),
  };
}

/** What selects the pods of a part: fewer labels than they have, since selectors can never change. */
export function selectorOf(server: ModelServer, part: Part, revision?: string): Record<string, string> {
  return {
    [serverLabel]: server.metadata.name,
    [partLabel]: part,
    ...(revision && { [revisionLabel]: revision }),
  };
}

/** Name, namespace, labels and owner of an object of this ModelServer. */
export function metadataOf(server: ModelServer, name: string, labels: Record<string, string>) {
  const { name: owner, namespace, uid } = server.metadata;
  return {
    name,
    namespace,
    labels,
    ownerReferences: [
      { apiVersion, kind: "ModelServer", name: owner, uid, controller: true, blockOwnerDeletion: true },
    ],
  };
}

/** Name of a version's Deployment, Service and record. */
export const revisionName = (server: ModelServer, revision: string) => `${server.metadata.name}-${revision}`;

/** Eight letters that differ where the values do, whatever the order of their fields. */
export function shortHash(value: unknown): string {
  return createHash("sha256").update(stableText(value)).digest("hex").slice(0, 8);
}

/** JSON with the fields of objects in order; absent and undefined are the same. */
export function stableText(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) =>
    typeof each === "object" && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}
