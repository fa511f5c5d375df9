/** The tuning as the page has it. Pure. */
import type { PoolFigures } from "../../pipeline/pool-figures.ts";
import { type StageName, stages } from "../../pipeline/stages.ts";
import { type TuningLogEntry as Entry, type Tuning, tuningLimits } from "../../pipeline/tuning/tuning.ts";
import type { OpsTuning, StaleTuning, TuningLogEntry, TuningVersion } from "../contract/ops-tuning.ts";
import type { Sample } from "./history.ts";
import type { Plan } from "./plan.ts";

export interface Deployment {
  pools: readonly PoolFigures[];
  plan: Plan;
  /** Captures per batch of ingress; null: not known. */
  batchSize: number | null;
}

export function tuningView(tuning: Tuning, deployment: Deployment): OpsTuning {
  const { trial } = tuning;
  return {
    ...versionView(tuning),
    trial: trial ? { until: iso(trial.untilMs), before: trial.before } : null,
    defaults: {
      fetch: defaultsOf("fetch", tuning, deployment),
      preprocess: defaultsOf("preprocess", tuning, deployment),
      infer: defaultsOf("infer", tuning, deployment),
      postprocess: defaultsOf("postprocess", tuning, deployment),
    },
    limits: tuningLimits,
  };
}

const versionView = ({ version, atMs, stages }: Tuning): TuningVersion => ({
  version,
  at: version === 0 ? null : iso(atMs),
  stages,
});

export const staleView = ({ yours, current }: { yours: number; current: Tuning }): StaleTuning => ({
  yours,
  current: versionView(current),
});

/** What the deployment says, as far as anybody tells: of what is tuned now a pool's scaler tells only that. */
function defaultsOf(
  stage: StageName,
  tuning: Tuning,
  { pools, plan, batchSize }: Deployment,
): OpsTuning["defaults"]["infer"] {
  const tuned = tuning.stages[stage] ?? {};
  const reported = pools.find((pool) => pool.stage === stage)?.processes.find((each) => each.defaultConcurrency > 0);
  const { min, max, goalMs } = plan.pools[stage];
  return {
    concurrency: reported?.defaultConcurrency ?? stages[stage].concurrency,
    batch: batchSize,
    min: tuned.min === undefined ? min : null,
    max: tuned.max === undefined ? max : null,
    goalMs: tuned.goalMs === undefined && min !== null ? goalMs : null,
    paused: false,
  };
}

/** A sample stands for so long around it. */
const nearMs = 15_000;
const afterMs = 300_000;

/** @param samples of the history, as far as it reaches */
export function logEntryView(entry: Entry, samples: readonly Sample[]): TuningLogEntry {
  const { version, atMs, who, why, kind, changes, trialUntilMs, restores } = entry;
  const changed = [...new Set(changes.map(({ stage }) => stage))];
  const ageAt = (wantedMs: number, from: number, to: number): number | null => {
    const near = samples
      .filter((sample) => sample.atMs >= wantedMs + from && sample.atMs <= wantedMs + to)
      .sort((a, b) => Math.abs(a.atMs - wantedMs) - Math.abs(b.atMs - wantedMs))[0];
    if (!near) return null;
    const pools = changed.length > 0 ? changed.map((stage) => near.pools[stage]) : Object.values(near.pools);
    const ages = pools.flatMap(({ oldestAgeMs }) => oldestAgeMs ?? []);
    return ages.length === 0 ? null : Math.max(...ages);
  };
  return {
    version,
    at: iso(atMs),
    who,
    why,
    kind,
    changes,
    trialUntil: trialUntilMs === undefined ? null : iso(trialUntilMs),
    restores: restores ?? null,
    age: { beforeMs: ageAt(atMs, -nearMs, 0), afterMs: ageAt(atMs + afterMs, -nearMs, nearMs) },
  };
}

const iso = (ms: number) => new Date(ms).toISOString();
