import { z } from "zod";

/** What one model says of one capture: a score in 0..1 per label, stamped with the version that scored it. */
export const ModelScores = z.object({
  model: z.string(),
  version: z.string(),
  scores: z.record(z.string(), z.number()),
});
export type ModelScores = z.infer<typeof ModelScores>;
