import { z } from "zod";
import { maxEarlierCaptures, Severity } from "../capture/verdict.ts";

const Share = z.number().min(0).max(1);
const Words = z.string().trim().min(1).max(500);

/**
 * A pattern over time: at least `atLeast` of the last `ofLast` captures of a stream, taken within `withinMs`, score
 * `threshold` or more on one of the category's labels.
 */
export const SustainedRule = z
  .strictObject({
    atLeast: z.int().min(2),
    ofLast: z.int().min(2).max(maxEarlierCaptures),
    withinMs: z.int().min(100).max(180_000),
    threshold: Share,
  })
  .refine(({ atLeast, ofLast }) => atLeast <= ofLast, { path: ["atLeast"], message: "must not be more than ofLast" });
export type SustainedRule = z.infer<typeof SustainedRule>;

const Category = z
  .strictObject({
    severity: Severity,
    labels: z.array(z.strictObject({ model: z.string().min(1), label: z.string().min(1), threshold: Share })).min(1),
    sustained: SustainedRule.optional(),
    /** For the people who judge: what belongs to the category, and what is mistaken for it. */
    counts: z.array(Words).optional(),
    doesNotCount: z.array(Words).optional(),
    /** The law restricts who may see such pictures: only leads with the scope `restricted` open them. */
    restricted: z.boolean().optional(),
  })
  .refine(({ labels, sustained }) => !sustained || labels.some(({ threshold }) => threshold > sustained.threshold), {
    path: ["sustained", "threshold"],
    message: "must be below a threshold of the labels: at or above all of them the rule finds nothing more",
  });

/** Which scores are findings: a versioned file that moderation leads edit. */
export const Policy = z.strictObject({
  version: z.string().min(1),
  /** Share of clean captures sampled for review. */
  sampleShare: Share.default(0),
  categories: z.record(z.string().min(1), Category),
});
export type Policy = z.infer<typeof Policy>;
