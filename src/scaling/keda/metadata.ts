/** A trigger's metadata, as people write it into their ScaledObjects: `stage`, and perhaps limits of their own. */
import { z } from "zod";
import { type StageName, stageNames } from "../../pipeline/stages.ts";
import { tuningLimits } from "../../pipeline/tuning/tuning.ts";
import type { PoolLimits } from "../pool-limits.ts";
import type { ScaledObjectRef } from "./protocol.ts";

/** What a ScaledObject sets in the place of the environment's limits. */
export const OwnLimits = z.object({ min: z.number(), max: z.number(), goalMs: z.number() }).partial();
export type OwnLimits = z.infer<typeof OwnLimits>;

export interface Trigger {
  stage: StageName;
  limits: OwnLimits;
}

const whole = ({ min, max, words }: { min: number; max: number; words: string }) =>
  z
    .string()
    .regex(/^\d{1,9}$/, words)
    .transform(Number)
    .pipe(z.number().min(min, words).max(max, words));

const { min, max, goalMs } = tuningLimits;
const goalWords = `goal is a time from ${goalMs.min / 1000} to ${goalMs.max / 1000} seconds, such as 3s or 500ms`;
const Metadata = z.object({
  stage: z.enum(stageNames, `stage must be ${stageNames.join(", ")}`),
  min: whole(min).optional(),
  max: whole(max).optional(),
  goal: z
    .string()
    .regex(/^\d{1,9}(\.\d{1,3})?(ms|s)$/, goalWords)
    .transform((text) => Math.round(Number.parseFloat(text) * (text.endsWith("ms") ? 1 : 1_000)))
    .pipe(z.number().min(goalMs.min, goalWords).max(goalMs.max, goalWords))
    .optional(),
});

/** @returns what it says, or a sentence about what is wrong with it @param defaults the environment's */
export function readTrigger(
  object: ScaledObjectRef | null,
  defaults: Record<StageName, PoolLimits>,
): { trigger: Trigger } | { refusal: string } {
  const refuse = (words: string) => ({ refusal: `ScaledObject "${object?.name ?? ""}", metadata: ${words}` });
  const read = Metadata.safeParse(object?.scalerMetadata ?? {});
  if (!read.success) return refuse(read.error.issues.map(({ message }) => message).join("; "));
  const { stage, goal, ...range } = read.data;
  const limits = { ...range, ...(goal !== undefined && { goalMs: goal }) };
  const crossed = { ...defaults[stage], ...limits };
  if (crossed.min > crossed.max) return refuse(`min is ${crossed.min} and max is ${crossed.max}, less than that`);
  return { trigger: { stage, limits } };
}
