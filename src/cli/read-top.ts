/** What `briareus top` shows: the figures of Ops, measured by the command itself, so that no review process is needed. */
import type { Redis } from "ioredis";
import { readIngress, readPools } from "../pipeline/pool-figures.ts";
import type { StageName } from "../pipeline/stages.ts";
import { readTotals, totalOf } from "../pipeline/totals.ts";
import type { Tuning, TuningLogEntry } from "../pipeline/tuning/tuning.ts";
import { tuningStore } from "../pipeline/tuning/tuning-store.ts";
import { readVerdictCounts } from "../pipeline/verdict-counts.ts";
import type { OpsState } from "../review/contract/ops.ts";
import type { Failures } from "../review/contract/ops-failures.ts";
import { type Assessment, assess } from "../review/ops/assess.ts";
import { readFailures } from "../review/ops/failures.ts";
import { readState } from "../review/ops/live-state.ts";
import { stateAt } from "../review/ops/read-ops.ts";
import { readPlan } from "../review/ops/read-plan.ts";
import { createWindow } from "../review/ops/window.ts";

export interface TopFigures {
  state: OpsState;
  /** Captures a second that a stage gave up or is to try again, mean of ten seconds; null: not known yet. */
  troubles: Record<StageName, { rejectedPerSecond: number | null; retriedPerSecond: number | null }>;
  tuning: Tuning;
  /** Newest first. */
  changes: TuningLogEntry[];
  /** Most of the last hour first. */
  failures: Failures["reasons"];
}

const failuresMs = 300_000;
const shownChanges = 4;

/**
 * The returned function reads once; rates are known from the third second on.
 * @param deadlineMs captures older than this expire
 * @throws Error when Redis does not answer
 */
export function createTopReader(redis: Redis, deadlineMs: number): (nowMs: number) => Promise<TopFigures> {
  const window = createWindow();
  const store = tuningStore(redis);
  let memory: Assessment["memory"] | undefined;
  return async (nowMs) => {
    // For how long something has been bad is known to whoever has watched before, where a review process does.
    memory ??= (await readState(redis))?.assessment.memory ?? {};
    const [pools, ingress, totals, verdicts, plan, tuning, changes, failures] = await Promise.all([
      readPools(redis, nowMs),
      readIngress(redis, nowMs),
      readTotals(redis),
      readVerdictCounts(redis, failuresMs, nowMs),
      readPlan(redis, nowMs),
      store.read(nowMs),
      store.log(shownChanges),
      readFailures(redis, nowMs),
    ]);
    window.add({ atMs: nowMs, pools, totals });
    const facts = { atMs: nowMs, pools, ingress, verdicts, plan, window, hourP95Ms: {}, deadlineMs };
    const assessment = assess(facts, memory);
    memory = assessment.memory;
    const models = { at: null, models: [], problem: null };
    const troublesOf = (stage: StageName) => ({
      rejectedPerSecond: window.perSecond(totalOf.outcome(stage, "rejected")),
      retriedPerSecond: window.perSecond(totalOf.outcome(stage, "retried")),
    });
    return {
      state: stateAt({ assessment, models }, nowMs),
      troubles: ofStages(troublesOf),
      tuning,
      changes,
      failures: failures.reasons,
    };
  };
}

function ofStages<Value>(of: (stage: StageName) => Value): Record<StageName, Value> {
  const [fetch, preprocess, infer, postprocess] = [of("fetch"), of("preprocess"), of("infer"), of("postprocess")];
  return { fetch, preprocess, infer, postprocess };
}
