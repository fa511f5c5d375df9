import { z } from "zod";

/** What a platform tells of a stream outside of its captures. */
export const StreamUpdate = z.object({
  live: z.boolean().optional(),
  viewers: z.number().int().min(0).optional(),
  title: z.string().max(1024).optional(),
  streamerId: z.string().max(256).optional(),
  startedAt: z.iso.datetime().optional(),
});
export type StreamUpdate = z.infer<typeof StreamUpdate>;
