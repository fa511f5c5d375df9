import { z } from "zod";

/** What every object has; the rest is read by whoever knows the kind. */
export const KubeObject = z.looseObject({
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string().default(""),
    uid: z.string(),
    resourceVersion: z.string(),
    generation: z.number().optional(),
    labels: z.record(z.string(), z.string()).default({}),
    annotations: z.record(z.string(), z.string()).default({}),
    ownerReferences: z.array(z.looseObject({ uid: z.string() })).default([]),
    deletionTimestamp: z.string().optional(),
  }),
});
export type KubeObject = z.infer<typeof KubeObject>;

/** NAMESPACE/NAME. */
export const keyOf = ({ metadata }: { metadata: { namespace: string; name: string } }) =>
  `${metadata.namespace}/${metadata.name}`;

/** What the server remembers for others, and takes more room than the rest. */
export function withoutManagedFields(object: KubeObject): KubeObject {
  const { managedFields, ...metadata } = object.metadata;
  return { ...object, metadata };
}
