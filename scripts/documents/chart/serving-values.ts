/** The values of the serving controller: it makes inference servers of ModelServers. */
import { z } from "zod";
import { defaultPlatform } from "../../../src/serving/render/platform.ts";
import { processValues } from "./pod-values.ts";

const name = z.string().min(1);
const className = z.string().regex(/^([a-z0-9]([-.a-z0-9]*[a-z0-9])?)?$/);

export const servingValues = z.strictObject({
  enabled: z.boolean().default(true).describe("The controller of ModelServers (docs/serving.md)"),
  allNamespaces: z
    .boolean()
    .default(false)
    .describe("Look after the ModelServers of the whole cluster, by a ClusterRole; else of the release's namespace"),
  replicas: z.int().min(0).max(1_000).default(2).describe("One leads, the others take over"),
  prometheus: z
    .union([z.literal(""), z.string().regex(/^https?:\/\//)])
    .default("")
    .describe("A Prometheus that scrapes the servers, by which KEDA scales them"),
  queueMetric: z
    .string()
    .default("")
    .describe("Without KEDA: the external metric by which servers are scaled (docs/serving.md)"),
  images: z
    .strictObject({
      triton: name.default(defaultPlatform.tritonImage),
      conversion: name
        .default(defaultPlatform.conversionImage)
        .describe("Built from deploy/model-conversion, with the same Triton; for models that are converted"),
      envoy: name.default(defaultPlatform.envoyImage).describe("1.40 or newer, with a bash in it"),
      pause: name.default(defaultPlatform.pauseImage).describe("What holds a spare GPU"),
    })
    .describe("What ModelServers run, beside image"),
  clusterDomain: name.default(defaultPlatform.clusterDomain).describe("Ends the names of Services"),
  resyncSeconds: z
    .int()
    .min(1)
    .max(86_400)
    .default(600)
    .describe("Each ModelServer is looked at so often, though nothing changed"),
  placeholderClass: z
    .strictObject({
      create: z.boolean().default(false).describe("Make it: it belongs to the whole cluster"),
      name: className
        .default("")
        .describe(
          `Its name; empty: one of the release's own where it is made, else ${defaultPlatform.placeholderClass}`,
        ),
    })
    .describe("PriorityClass of the pods that hold a spare GPU (spareGpus)"),
  ...processValues({ cpu: "100m", memory: "192Mi", memoryLimit: "512Mi" }),
});
