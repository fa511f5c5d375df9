import { z } from "zod";

const time = z.string().meta({ format: "date-time" });
const count = z.int().min(0);

/** As of metav1.Condition. */
export const Condition = z.object({
  type: z.string(),
  status: z.enum(["True", "False", "Unknown"]),
  reason: z.string(),
  message: z.string(),
  lastTransitionTime: time,
  observedGeneration: count.optional(),
});
export type Condition = z.infer<typeof Condition>;

/** What servers have counted since they started, all pods together. */
export const Counters = z.object({ requests: count, failures: count, microseconds: count });
export type Counters = z.infer<typeof Counters>;

/** The way of a new version; render/ and rollout/ say what each means. */
export const phases = ["Converting", "Starting", "Comparing", "Canary", "Filling"] as const;
export type Phase = (typeof phases)[number];

export const ModelServerStatus = z.object({
  observedGeneration: count.optional().describe("The generation of the spec that this status is of."),
  conditions: z
    .array(Condition)
    .default([])
    .describe("Ready, Converted, Progressing, Autoscaled and Degraded, each with a reason and a sentence.")
    .meta({ "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"] }),
  endpoint: z.string().optional().describe("Where workers connect: HOST:PORT."),
  replicas: count.optional().describe("Servers that there are of the version that serves."),
  readyReplicas: count.optional().describe("Servers of it that answer."),
  selector: z.string().optional().describe("Of the servers' pods, for autoscalers."),
  serving: z
    .object({ revision: z.string(), since: time, models: z.array(z.string()).describe("NAME URI PRECISION of each.") })
    .optional()
    .describe("The version that serves."),
  rollout: z
    .object({
      revision: z.string(),
      phase: z.enum(phases),
      since: time.describe("When the phase began."),
      before: z
        .object({ candidate: Counters, serving: Counters })
        .optional()
        .describe("What both versions had counted when the canary began."),
    })
    .optional()
    .describe("The version that is on its way."),
  refused: z
    .object({ revision: z.string(), reason: z.string(), message: z.string(), at: time })
    .optional()
    .describe("The version that was given up, and why; it is not tried again until the spec changes."),
  retiring: z
    .array(z.object({ revision: z.string(), since: time }))
    .default([])
    .describe("Versions that get no traffic any more and end soon."),
  draining: z.object({ since: time }).optional().describe("It was deleted: traffic ends first, then the servers."),
});
export type ModelServerStatus = z.infer<typeof ModelServerStatus>;
