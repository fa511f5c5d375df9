/** The tuning as the page has it. Pure. */
import type { StageName } from "../../pipeline/stages.ts";
import { type TuningLogEntry as Entry, type Tuning, tuningLimits } from "../../pipeline/tuning/tuning.ts";
import type { DeployedPool } from "../../scaling/deployment.ts";
import type { OpsTuning, StaleTuning, TuningLogEntry, TuningVersion } from "../contract/ops-tuning.ts";
import type { Sample } from "./history.ts";

export function tuningView(tuning: Tuning, deployed: readonly DeployedPool[]): OpsTuning {
  const { trial } = tuning;
  return {
    ...versionView(tuning),
    trial: trial ? { until: iso(trial.untilMs), before: trial.before } : null,
    defaults: {
      fetch: defaultsOf("fetch", deployed),
      preprocess: defaultsOf("preprocess", deployed),
      infer: defaultsOf("infer", deployed),
      postprocess: defaultsOf("postprocess", deployed),
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

function defaultsOf(stage: StageName, deployed: readonly DeployedPool[]): OpsTuning["defaults"]["infer"] {
  const pool = deployed.find((each) => each.stage === stage);
  if (!pool) throw new Error(`${stage} is no pool of the deployment`);
  const { concurrency, batch, limits } = pool;
  return {
    concurrency,
    batch: batch ?? null,
    min: limits?.min ?? null,
    max: limits?.max ?? null,
    goalMs: limits?.goalMs ?? null,
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
