import { stageNames } from "../../pipeline/stages.ts";
import {
  poolCaptures,
  poolOldestSeconds,
  poolSaturated,
  poolWantedWorkers,
  poolWorkers,
} from "../../telemetry/metrics.ts";
import type { Decider } from "./decider.ts";

const gauges = [poolWantedWorkers, poolWorkers, poolCaptures, poolOldestSeconds, poolSaturated];

/** Keeps the gauges of the pools at the latest decisions; what has grown old is not shown, and never as 0. */
export function showDecisions(decider: Decider): () => void {
  const show = () => {
    for (const stage of stageNames) {
      const decided = decider.present(stage);
      if (!decided) {
        for (const gauge of gauges) gauge.remove({ stage });
        continue;
      }
      const { replicas, saturated, load } = decided;
      poolWantedWorkers.set({ stage }, replicas);
      poolWorkers.set({ stage }, load.alive);
      poolCaptures.set({ stage }, load.waiting + load.active + load.later + load.heldBack);
      poolOldestSeconds.set({ stage }, load.oldestAgeMs / 1000);
      poolSaturated.set({ stage }, saturated ? 1 : 0);
    }
  };
  const timer = setInterval(show, 1_000);
  return () => clearInterval(timer);
}
