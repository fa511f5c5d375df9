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

/**
 * Of a pool that shall shrink it says almost one less, which rounds up to the same and takes the HPA over its tolerance
 * up to 17 workers. One more at a time above ten cannot be said so: they come when a tenth more are wanted, or at once
 * where the HPA's own tolerance is set to 0.
 */
export function metricValueOf(stage: StageName, { replicas, load }: DecidedPool): MetricValue {
  const metricValueFloat = replicas > 0 && load.alive > replicas ? replicas - 0.9 : replicas;
  return { metricName: metricNameOf(stage), metricValue: replicas, metricValueFloat };
}
