/**
 * What people write into a ModelServer. The schema of the custom resource is generated from this one, so that the API
 * server and the controller never differ; rules over several fields are CEL, which the API server asks.
 */
import { z } from "zod";
import { rules } from "./cel-rules.ts";

export const precisions = ["fp32", "fp16", "int8"] as const;
export const servingBackends = ["tensorrt", "onnxruntime", "python"] as const;

const duration = (description: string) =>
  z
    .string()
    .max(16)
    .regex(/^[0-9]+(ms|s|m|h)$/)
    .describe(description);
const name = z
  .string()
  .min(1)
  .max(63)
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/);
const quantity = z
  .string()
  .max(32)
  .regex(/^[0-9]+(\.[0-9]+)?(m|Ki|Mi|Gi|Ti)?$/);
const share = z
  .string()
  .max(8)
  .regex(/^[0-9]+(\.[0-9]+)?%$/);

const Conversion = z
  .object({
    labels: z.array(z.string().min(1).max(100)).min(1).max(1_000).describe("The classes, in the order of the scores."),
    normalise: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .describe("What the model was trained on, such as -1..1; see docs/models.md."),
    activation: z.enum(["none", "softmax", "sigmoid"]).default("none").describe("Put after a model that gives logits."),
    policy: z
      .string()
      .max(253)
      .optional()
      .describe("A ConfigMap whose policy.yaml says which verdicts may not change; without it the top label."),
    maxChanged: share.default("1%").describe("Share of the pictures that may be judged otherwise after conversion."),
  })
  .describe("The URI names a TensorFlow SavedModel, which is converted like this.");

const modelFields = {
  uri: z
    .string()
    .min(1)
    .max(1_024)
    .describe("gs://BUCKET/MODEL/VERSION, https://HOST/MODEL/VERSION or volume://CLAIM/MODEL/VERSION.")
    .meta(rules.uri),
  backend: z
    .enum(servingBackends)
    .optional()
    .describe("What of Triton runs it. Left out: tensorrt for less than fp32 on a GPU, else onnxruntime."),
  precision: z
    .enum(precisions)
    .default("fp32")
    .describe("Bits of the model's numbers; with convert, what it is converted to."),
  convert: Conversion.optional(),
};

const Model = z
  .object({
    name: name.optional().describe("By which workers ask for it; the ModelServer's own name if left out."),
    ...modelFields,
  })
  .meta(rules.model);
const NamedModel = z.object({ name: name.describe("By which workers ask for it."), ...modelFields }).meta(rules.model);
export type SpecModel = z.infer<typeof Model>;

const Replicas = z
  .object({
    min: z.int().min(1).max(1_000).default(1).describe("Servers that always run."),
    max: z.int().min(1).max(1_000).default(1).describe("Servers that may run."),
    wanted: z
      .int()
      .min(1)
      .max(1_000)
      .default(1)
      .describe("Set by the autoscaler and by kubectl scale; kept within min and max."),
  })
  .describe("How many servers run.")
  .meta(rules.replicas);

const Batch = z
  .object({
    max: z.int().min(1).max(1_024).optional().describe("Pictures in the largest batch."),
    queueDelay: duration("How long a request waits for others to share its batch with.").optional(),
    queueSize: z.int().min(1).max(100_000).optional().describe("Requests that may wait before others are refused."),
  })
  .describe("Limits of a batch. Left out: what the model's config.pbtxt says.");

const Comparison = z
  .object({
    generated: z.int().min(1).max(100_000).default(1_000).describe("Generated pictures to compare on."),
    policy: z
      .string()
      .max(253)
      .optional()
      .describe("A ConfigMap whose policy.yaml says which verdicts may not change."),
    maxChanged: share.default("1%").describe("Share of the pictures that may be judged otherwise."),
  })
  .describe("A new version is compared with the one that serves before it gets any traffic.");

const Rollout = z
  .object({
    canaryPercent: z.int().min(1).max(50).default(10).describe("Share of the traffic that a new version gets first."),
    hold: duration("How long it keeps that share before it gets all.").default("5m"),
    startWithin: duration("A new version that does not start in this time is given up.").default("20m"),
    comparison: Comparison.optional(),
  })
  .describe("How a new version takes the place of the old.");

const Toleration = z.object({
  key: z.string().max(316).optional(),
  operator: z.enum(["Exists", "Equal"]).default("Equal"),
  value: z.string().max(63).optional(),
  effect: z.enum(["NoSchedule", "PreferNoSchedule", "NoExecute"]).optional(),
  tolerationSeconds: z.int().min(0).max(86_400).optional(),
});

export const ModelServerSpec = z
  .object({
    model: Model.optional().describe("The model to serve."),
    models: z
      .array(NamedModel)
      .min(1)
      .max(16)
      .optional()
      .describe("Several models on one server, instead of model.")
      .meta({ "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"] }),
    gpu: z
      .string()
      .max(63)
      .regex(/^nvidia-[a-z0-9-]+$/)
      .optional()
      .describe("GPU type, such as nvidia-t4 or nvidia-l4. Left out: CPU only."),
    gpuSharing: z
      .object({
        strategy: z.enum(["time-sharing", "mps"]).default("time-sharing").describe("How the GPU is shared."),
        clients: z.int().min(2).max(48).describe("Servers that share one GPU."),
      })
      .optional()
      .describe("A share of a GPU instead of a whole one."),
    // Written out: rules are asked of a default before the defaults inside it are filled in.
    replicas: Replicas.prefault({ min: 1, max: 1, wanted: 1 }),
    latencyGoal: duration(
      "Time in the server that requests shall take at most, such as 50ms; a canary above it is taken back.",
    ).optional(),
    batch: Batch.optional(),
    resources: z
      .object({
        cpu: quantity.default("1").describe("CPU that a server asks for."),
        memory: quantity.default("4Gi").describe("Memory that a server asks for, and gets no more of."),
      })
      .describe("What one server needs.")
      .prefault({}),
    nodeSelector: z.record(z.string(), z.string().max(63)).optional().describe("Labels of the nodes it may run on."),
    tolerations: z.array(Toleration).max(16).optional().describe("Taints of nodes that it bears."),
    serviceAccount: z
      .string()
      .max(253)
      .default("default")
      .describe("Account that may read the model, and write engines."),
    image: z.string().min(1).max(512).optional().describe("Triton's image instead of the controller's."),
    engines: z
      .string()
      .max(1_024)
      .regex(/^gs:\/\/[a-z0-9][a-z0-9._-]+(\/.*)?$/)
      .optional()
      .describe("Where converted models are kept. Left out: engines/ beside a gs:// model's files."),
    rollout: Rollout.prefault({}),
    spareGpus: z
      .int()
      .min(0)
      .max(16)
      .default(0)
      .describe("GPUs kept warm by placeholder pods, which give way to servers at once."),
    preload: z
      .object({
        bootDisk: name.describe("Name of the disk image with the container images on it."),
        project: name.describe("Google Cloud project of the disk image."),
      })
      .optional()
      .describe("Run on nodes whose secondary boot disk has the images already (GKE)."),
  })
  .meta(rules.spec);
export type ModelServerSpec = z.infer<typeof ModelServerSpec>;
