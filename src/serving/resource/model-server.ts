import { z } from "zod";
import { ModelServerSpec } from "./model-server-spec.ts";
import { ModelServerStatus } from "./model-server-status.ts";

export const group = "briareus.dev";
export const version = "v1alpha1";
export const apiVersion = `${group}/${version}`;
/** Deleting waits for it: traffic ends first, then the servers. */
export const finaliser = `${group}/drain`;
/** A new value makes a refused version be tried again. */
export const retryAnnotation = `${group}/retry`;

const Metadata = z.object({
  name: z.string(),
  namespace: z.string(),
  uid: z.string(),
  generation: z.number().default(1),
  resourceVersion: z.string().default(""),
  annotations: z.record(z.string(), z.string()).default({}),
  finalizers: z.array(z.string()).default([]),
  deletionTimestamp: z.string().optional(),
});

/** A ModelServer as the API server keeps it. */
export const ModelServer = z.object({
  metadata: Metadata,
  spec: ModelServerSpec,
  status: ModelServerStatus.prefault({}),
});
export type ModelServer = z.infer<typeof ModelServer>;
