import { z } from "zod";
import { KubeObject } from "../../../src/serving/cluster/kube-object.ts";

const HttpProbe = z.looseObject({ httpGet: z.object({ path: z.string(), port: z.union([z.string(), z.number()]) }) });

const Container = z.looseObject({
  name: z.string(),
  image: z.string(),
  command: z.array(z.string()).default([]),
  args: z.array(z.string()).default([]),
  env: z.array(z.looseObject({ name: z.string(), value: z.string().default("") })).default([]),
  ports: z.array(z.looseObject({ name: z.string().optional(), containerPort: z.number() })).default([]),
  volumeMounts: z.array(z.looseObject({ name: z.string(), mountPath: z.string() })).default([]),
  startupProbe: HttpProbe.optional(),
  readinessProbe: HttpProbe.optional(),
  lifecycle: z
    .looseObject({ preStop: z.looseObject({ exec: z.object({ command: z.array(z.string()) }).optional() }).optional() })
    .optional(),
});
export type Container = z.infer<typeof Container>;

/** As much of a pod as a node needs to run it. */
export const Pod = KubeObject.extend({
  spec: z.looseObject({
    restartPolicy: z.enum(["Always", "OnFailure", "Never"]),
    serviceAccountName: z.string().default("default"),
    automountServiceAccountToken: z.boolean().default(true),
    terminationGracePeriodSeconds: z.number().default(30),
    volumes: z
      .array(z.looseObject({ name: z.string(), configMap: z.looseObject({ name: z.string() }).optional() }))
      .default([]),
    initContainers: z.array(Container).default([]),
    containers: z.array(Container),
  }),
  status: z.looseObject({ conditions: z.array(z.looseObject({ type: z.string() })).default([]) }).prefault({}),
});
export type Pod = z.infer<typeof Pod>;
