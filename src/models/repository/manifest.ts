import { z } from "zod";

const PerClass = z.object({
  label: z.string(),
  /** Largest and mean difference of the scores. */
  largest: z.number(),
  mean: z.number(),
  /** The first decimal place in which scores differ; null where none does. */
  fromDecimal: z.number().nullable(),
});

/** How much the scores of a converted model differ from the original's, on the same pictures. */
export const AccuracyReport = z.object({
  /** What it was compared with. */
  reference: z.string(),
  /** Where the pictures came from. */
  pictures: z.string(),
  count: z.number(),
  perClass: z.array(PerClass),
  /** What counts as changed: the policy's findings, or, where no policy names the model, the label with the highest score. */
  changedBy: z.enum(["verdict", "top-label"]),
  policy: z.string().optional(),
  changed: z.number(),
  changedShare: z.number(),
  /** What was made of each of them. */
  changedPictures: z.array(z.object({ name: z.string(), reference: z.string(), converted: z.string() })),
  /** The share that was allowed. */
  maxChangedShare: z.number(),
});
export type AccuracyReport = z.infer<typeof AccuracyReport>;

/** What is known of one version of a model: manifest.json in its folder. */
export const Manifest = z.object({
  model: z.string(),
  version: z.number().nullable(),
  createdAt: z.iso.datetime(),
  backend: z.string(),
  precision: z.string(),
  source: z.object({
    name: z.string(),
    sha256: z.string(),
    signature: z.string().optional(),
    tensorflow: z.string().optional(),
  }),
  opset: z.number().optional(),
  normalisation: z.unknown().optional(),
  activation: z.string().optional(),
  labels: z.array(z.string()),
  tools: z.record(z.string(), z.string()),
  /** SHA-256 of each file. */
  files: z.record(z.string(), z.string()),
  accuracy: AccuracyReport.optional(),
  tensorrt: z.object({ command: z.string(), ran: z.boolean(), reason: z.string().optional() }).optional(),
});
export type Manifest = z.infer<typeof Manifest>;
