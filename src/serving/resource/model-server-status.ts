import { z } from "zod";

const time = z.string().meta({ format: "date-time" });
const count = z.int().min(0);
const revision = z.string().describe("Name of the version: eight letters and digits.");

/** As of metav1.Condition. */
export const Condition = z.object({
  type: z.string().describe("Ready, Converted, Progressing, Autoscaled or Degraded."),
  status: z.enum(["True", "False", "Unknown"]).describe("Whether it holds."),
  reason: z.string().describe("Why, in a word."),
  message: z.string().describe("Why, in a sentence."),
  lastTransitionTime: time.describe("Since when the status is as it is."),
  observedGeneration: count.optional().describe("The generation of the spec that it is of."),
});
export type Condition = z.infer<typeof Condition>;

/** What servers have counted since they started, all pods together. */
export const Counters = z.object({
  requests: count.describe("Requests, failed ones as well."),
  failures: count.describe("Requests that failed."),
  microseconds: count.describe("Time that requests took, summed up."),
});
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
  readyReplicas: count.optional().describe("Servers of the version that serves that answer."),
  selector: z.string().optional().describe("Labels of the servers' pods, for autoscalers."),
  serving: z
    .object({
      revision,
      since: time.describe("Since when it serves."),
      models: z.array(z.string()).describe("NAME URI PRECISION of each."),
    })
    .optional()
    .describe("The version that serves."),
  rollout: z
    .object({
      revision,
      phase: z.enum(phases).describe("How far it is: Converting, Starting, Comparing, Canary, Filling."),
      since: time.describe("When the phase began."),
      before: z
        .object({
          candidate: Counters.describe("The new version."),
          serving: Counters.describe("The one that serves."),
        })
        .optional()
        .describe("What both versions had counted when the canary began."),
    })
    .optional()
    .describe("The version that is on its way."),
  refused: z
    .object({
      revision,
      reason: z.string().describe("Why, in a word."),
      message: z.string().describe("Why, in a sentence."),
      at: time.describe("When it was given up."),
    })
    .optional()
    .describe(
      "The version that was given up, and why. It is tried again when the spec or the annotation briareus.dev/retry changes.",
    ),
  retiring: z
    .array(z.object({ revision, since: time.describe("Since when it gets none.") }))
    .default([])
    .describe("Versions that get no traffic any more and end soon."),
  draining: z
    .object({ since: time.describe("When that began.") })
    .optional()
    .describe("It was deleted: traffic ends first, then the servers."),
});
export type ModelServerStatus = z.infer<typeof ModelServerStatus>;
