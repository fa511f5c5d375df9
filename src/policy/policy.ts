import { z } from "zod";
import { Severity } from "../capture/verdict.ts";

const Share = z.number().min(0).max(1);

/** Which scores are findings: a versioned file that moderation leads edit. */
export const Policy = z.strictObject({
  version: z.string().min(1),
  /** Share of clean captures sampled for review. */
  sampleShare: Share.default(0),
  categories: z.record(
    z.string().min(1),
    z.strictObject({
      severity: Severity,
      labels: z.array(z.strictObject({ model: z.string().min(1), label: z.string().min(1), threshold: Share })).min(1),
    }),
  ),
});
export type Policy = z.infer<typeof Policy>;
