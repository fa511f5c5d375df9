import type { z } from "zod";
import { mergeChange, onlyPauses } from "../../pipeline/tuning/merge-change.ts";
import { TuningError } from "../../pipeline/tuning/tuning-error.ts";
import { tuningStore } from "../../pipeline/tuning/tuning-store.ts";
import { knownLimits, poolsUnderChange, readDeployment } from "../../scaling/deployment.ts";
import { createMeasure } from "../../scaling/measure.ts";
import { previewChange } from "../../scaling/preview.ts";
import type { TuningChangeRequest, TuningPreview } from "../contract/ops-tuning.ts";
import type { OpsParts } from "./ops-parts.ts";

/**
 * What a draft would do, by the scaling rule itself. Nothing is changed.
 * @throws TuningError `invalid-tuning`, `stale-tuning`
 */
export async function previewTuning(
  { redis, reader, deadlineMs }: OpsParts,
  { version, stages }: z.infer<typeof TuningChangeRequest>,
  nowMs: number,
): Promise<TuningPreview> {
  const current = await tuningStore(redis).read(nowMs);
  if (current.version !== version) {
    const words = `The draft was made from version ${version}, but version ${current.version} is in force.`;
    throw new TuningError("stale-tuning", words, { yours: version, current });
  }
  const [deployed, measured, live] = await Promise.all([
    readDeployment(redis, nowMs),
    createMeasure(redis)(nowMs),
    reader.live().catch(() => undefined),
  ]);
  const after = mergeChange(current.stages, stages, knownLimits(deployed));
  // A single look at the queues does not show what comes; the figures of the last ten seconds do.
  const loads = measured.map(({ stage, load }) => {
    const pool = live?.assessment.pools.find((each) => each.stage === stage);
    return { stage, load: { ...load, arrivalsPerSecond: pool?.inPerSecond ?? load.arrivalsPerSecond } };
  });
  const under = poolsUnderChange(loads, deployed, { before: current.stages, after });
  const { pools, bottleneck, warnings } = previewChange(under, { deadlineMs, nowMs });
  const trial =
    current.trial && !onlyPauses(stages)
      ? [`a trial runs until ${new Date(current.trial.untilMs).toISOString()}: keep or revert it first`]
      : [];
  return {
    pools: pools.map(({ stage, replicas, drainSeconds: { from, to }, reason }) => ({
      stage,
      replicas,
      drainMs: { from: inMs(from), to: inMs(to) },
      reason,
    })),
    bottleneck,
    warnings: [...trial, ...warnings],
  };
}

const inMs = (seconds: number | null) => (seconds === null ? null : Math.round(seconds * 1_000));
