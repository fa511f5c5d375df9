/** Figures of quality, from decisions. */
import { z } from "zod";
import { Severity } from "../../capture/verdict.ts";

/** A share with its 95 % Wilson score interval; `share` and bounds are null when `of` is 0. */
export const Proportion = z.object({
  count: z.number().int(),
  of: z.number().int(),
  share: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
});
export type Proportion = z.infer<typeof Proportion>;

const Spread = z.object({ p50Ms: z.number().nullable(), p95Ms: z.number().nullable(), count: z.number().int() });

export const QualityQuery = z.object({
  from: z.iso.datetime().optional().describe("Default: seven days ago"),
  to: z.iso.datetime().optional(),
  policyVersion: z.string().max(256).optional(),
  model: z.string().max(256).optional(),
});

export const Quality = z.object({
  from: z.string(),
  to: z.string(),
  /** Confirmed of decided incidents. */
  precision: z.array(
    z.object({
      category: z.string(),
      model: z.string(),
      modelVersion: z.string(),
      policyVersion: z.string(),
      confirmed: Proportion,
    }),
  ),
  /** From capture to decision, by severity: in the pipeline, waiting for a person, in a person's hands. */
  times: z.array(z.object({ severity: Severity, pipeline: Spread, waiting: Spread, handling: Spread, total: Spread })),
  /** Decided before their target time. */
  targets: z.array(z.object({ severity: Severity, met: Proportion })),
  /** Violations among captures sampled below the threshold. */
  missed: z.array(z.object({ policyVersion: z.string(), violations: Proportion })),
  /** Decisions a day, for the plot. */
  days: z.array(z.object({ day: z.string(), confirmed: z.number().int(), dismissed: z.number().int() })),
  policyVersions: z.array(z.string()),
  models: z.array(z.string()),
});
export type Quality = z.infer<typeof Quality>;
