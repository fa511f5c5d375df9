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
    .describe(`${description} A duration such as 50ms, 2s, 5m or 1h.`);
const name = z
  .string()
  .min(1)
  .max(63)
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/);
const quantity = z
  .string()
  .max(32)
  .regex(/^[0-9]+(\.[0-9]+)?(m|Ki|Mi|Gi|Ti)?$/);
const share = (description: string) =>
  z
    .string()
    .max(8)
    .regex(/^[0-9]+(\.[0-9]+)?%$/)
    .describe(`${description} A percentage such as 0.5%.`);

const Conversion = z
  .object({
    labels: z
      .array(z.string().min(1).max(100))
      .min(1)
      .max(1_000)
      .describe("The classes, in the order of the model's scores."),
    normalise: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .describe(
        "What pictures were brought to when the model was trained: 0..1, -1..1, imagenet, imagenet-caffe, none or numbers; see --normalise in docs/models.md. Not for models that take uint8.",
      ),
    activation: z.enum(["none", "softmax", "sigmoid"]).default("none").describe("Put after a model that gives logits."),
    policy: z
      .string()
      .max(253)
      .optional()
      .describe(
        "Name of a ConfigMap whose policy.yaml says which verdicts are compared. Left out: the labels with the highest score are.",
      ),
    generated: z
      .int()
      .min(1)
      .max(100_000)
      .default(1_000)
      .describe("Pictures made up to compare the converted model with the SavedModel on."),
    maxChanged: share(
      "How many of the pictures may be judged otherwise after conversion; with more it is refused.",
    ).default("1%"),
  })
  .describe(
    "How the TensorFlow SavedModel that uri names is converted. Left out: uri names a version that is served as it is.",
  );

const modelFields = {
  uri: z
    .string()
    .min(1)
    .max(1_024)
    .describe(
      "The folder of the version, with its manifest.json, or of the SavedModel: gs://BUCKET/MODEL/VERSION, https://HOST/MODEL/VERSION or volume://CLAIM/MODEL/VERSION, where CLAIM is a PersistentVolumeClaim.",
    )
    .meta(rules.uri),
  backend: z
    .enum(servingBackends)
    .optional()
    .describe("Triton's backend that runs it. Left out: tensorrt for less than fp32 on a GPU, else onnxruntime."),
  precision: z
    .enum(precisions)
    .default("fp32")
    .describe(
      "Precision of the model's numbers: what it is converted to; of a version that is served as it is, what it must be.",
    ),
  convert: Conversion.optional(),
};

const Model = z
  .object({
    name: name.optional().describe("By which workers and policies know it. Left out: the ModelServer's own name."),
    ...modelFields,
  })
  .meta(rules.model);
const NamedModel = z
  .object({ name: name.describe("By which workers and policies know it."), ...modelFields })
  .meta(rules.model);
export type SpecModel = z.infer<typeof Model>;

const Replicas = z
  .object({
    min: z.int().min(1).max(1_000).default(1).describe("Servers that always run."),
    max: z
      .int()
      .min(1)
      .max(1_000)
      .default(1)
      .describe(
        "Servers that run at most; above min, an autoscaler or kubectl scale says how many. The condition Autoscaled says which.",
      ),
    wanted: z
      .int()
      .min(1)
      .max(1_000)
      .default(1)
      .describe("Not for you: set by the autoscaler and by kubectl scale, kept within min and max."),
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
    generated: z.int().min(1).max(100_000).default(1_000).describe("How many generated pictures they are compared on."),
    policy: z
      .string()
      .max(253)
      .optional()
      .describe(
        "Name of a ConfigMap whose policy.yaml says which verdicts are compared. Left out: the labels with the highest score are.",
      ),
    maxChanged: share("How many of them may be judged otherwise; with more the new version is given up.").default("1%"),
  })
  .describe(
    "A new version is compared with the one that serves before it gets any traffic. Left out: it is not; {} compares.",
  );

const Rollout = z
  .object({
    canaryPercent: z.int().min(1).max(50).default(10).describe("Percent of the traffic that a new version gets first."),
    hold: duration("How long it keeps that share before it gets all.").default("5m"),
    startWithin: duration(
      "A new version that does not start in this time is given up; the first of all never is.",
    ).default("20m"),
    comparison: Comparison.optional(),
  })
  .describe("How a new version takes the place of the old.");

const Toleration = z.object({
  key: z.string().max(316).optional().describe("Key of the taint. Left out, with operator Exists: every taint."),
  operator: z.enum(["Exists", "Equal"]).default("Equal").describe("Whether the taint's value must be this one."),
  value: z.string().max(63).optional().describe("Value of the taint, with operator Equal."),
  effect: z
    .enum(["NoSchedule", "PreferNoSchedule", "NoExecute"])
    .optional()
    .describe("Effect of the taint. Left out: every effect."),
  tolerationSeconds: z
    .int()
    .min(0)
    .max(86_400)
    .optional()
    .describe("With effect NoExecute: seconds that a pod stays. Left out: for ever."),
});

export const ModelServerSpec = z
  .object({
    model: Model.optional().describe("The model to serve; or models, if there are several."),
    models: z
      .array(NamedModel)
      .min(1)
      .max(16)
      .optional()
      .describe("Several models on every server, instead of model.")
      .meta({ "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"] }),
    gpu: z
      .string()
      .max(63)
      .regex(/^nvidia-[a-z0-9-]+$/)
      .optional()
      .describe(
        "GPU type, such as nvidia-t4 or nvidia-l4: each server gets one, on nodes whose label cloud.google.com/gke-accelerator names it. Left out: CPU only.",
      ),
    gpuSharing: z
      .object({
        strategy: z
          .enum(["time-sharing", "mps"])
          .default("time-sharing")
          .describe("How the GPU is shared, as the node pool was made for."),
        clients: z.int().min(2).max(48).describe("How many share one GPU, as the node pool was made for."),
      })
      .optional()
      .describe("A share of a GPU instead of a whole one."),
    // Written out: rules are asked of a default before the defaults inside it are filled in.
    replicas: Replicas.prefault({ min: 1, max: 1, wanted: 1 }),
    latencyGoal: duration(
      "Time in the server that requests shall take at most; a new version above it is taken back, if the old one is not.",
    ).optional(),
    batch: Batch.optional(),
    resources: z
      .object({
        cpu: quantity.default("1").describe("CPU that a server asks for, in cores: 2, or 500m for half of one."),
        memory: quantity.default("4Gi").describe("Memory that a server asks for and gets no more than, such as 4Gi."),
      })
      .describe("What one server needs.")
      .prefault({}),
    nodeSelector: z
      .record(z.string(), z.string().max(63))
      .optional()
      .describe("Labels that nodes must have for it to run there, beside those for its GPU."),
    tolerations: z
      .array(Toleration)
      .max(16)
      .optional()
      .describe("Taints of nodes that it bears, beside that of GPU nodes (nvidia.com/gpu)."),
    serviceAccount: z
      .string()
      .max(253)
      .default("default")
      .describe("ServiceAccount of its pods: it may read the model, and write engines where it is converted."),
    image: z
      .string()
      .min(1)
      .max(512)
      .optional()
      .describe("Triton's image. Left out: the one that the controller was started with."),
    engines: z
      .string()
      .max(1_024)
      .regex(/^gs:\/\/[a-z0-9][a-z0-9._-]+(\/.*)?$/)
      .optional()
      .describe(
        "A gs:// address where converted models are kept, for whoever needs the same. Left out: engines/ beside a gs:// model's files.",
      ),
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
