/**
 * The metric that KEDA hands to the HPA: how many workers there shall be, for a target of 1 each. The HPA then computes
 * ceil(value ÷ 1), but only where value ÷ replicas is more than 10 % off 1.
 */
import type { StageName } from "../../pipeline/stages.ts";
import type { DecidedPool } from "../decision-record.ts";
import type { MetricSpec, MetricValue } from "./protocol.ts";

export const metricNameOf = (stage: StageName) => `briareus-${stage}-workers`;

export function metricSpecOf(stage: StageName): MetricSpec {
  return { metricName: metricNameOf(stage), targetSize: 1, targetSizeFloat: 1 };
}

/** So much less than what is wanted still rounds up to it. */
const almostOne = 0.99;

/**
 * A pool that shall shrink is told of as almost one less: that rounds up to what is wanted, and takes pools of up to 19
 * over the HPA's tolerance. A pool that shall grow cannot be helped so, for more would round up to more: above ten it
 * grows when a tenth more is wanted, or at once where the HPA's tolerance is set to 0.
 */
export function metricValueOf(stage: StageName, { replicas, load }: DecidedPool): MetricValue {
  const metricValueFloat = replicas > 0 && load.alive > replicas ? replicas - almostOne : replicas;
  return { metricName: metricNameOf(stage), metricValue: replicas, metricValueFloat };
}
