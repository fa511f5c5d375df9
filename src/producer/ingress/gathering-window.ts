import type { PoolFigures } from "../../pipeline/pool-figures.ts";
import { stages } from "../../pipeline/stages.ts";

const leastMs = 25;
const mostMs = 150;

/**
 * How long to gather captures for a batch: as long as the oldest batch has waited before fetch or before the GPU, within 25
 * to 150 ms. What is submitted now would wait there anyway, so that it may as well wait for company, and larger
 * batches are what shortens the GPU's queue. Decoding takes as long for each picture in whatever batch it comes.
 */
export function gatheringWindowMs(pools: readonly Pick<PoolFigures, "stage" | "oldestAgeMs">[]): number {
  const counting = pools.filter(({ stage }) => stage === "fetch" || stages[stage].boundBy === "gpu");
  return Math.min(mostMs, Math.max(leastMs, ...counting.map(({ oldestAgeMs }) => oldestAgeMs)));
}
