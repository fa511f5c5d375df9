/** The state of the pipeline from one reading and those before it, each number with its level. */
import { z } from "zod";
import { verdictKinds } from "../../capture/verdict.ts";
import type { PoolFigures } from "../../pipeline/pool-figures.ts";
import type { StageName } from "../../pipeline/stages.ts";
import { totalOf } from "../../pipeline/totals.ts";
import type { VerdictCount } from "../../pipeline/verdict-counts.ts";
import { OpsState } from "../contract/ops.ts";
import { Alarms, judge } from "./alarm.ts";
import { assessPool, type Memory } from "./assess-pool.ts";
import { ageChecks, failureChecks } from "./checks.ts";
import type { Plan } from "./plan.ts";
import type { Window } from "./window.ts";

/** What can be said without knowing when it is read. */
export const Assessment = OpsState.omit({ at: true, now: true, data: true, sentence: true, scaler: true }).extend({
  atMs: z.number(),
  scaler: OpsState.shape.scaler.omit({ ageMs: true }).extend({ decidedAtMs: z.number().nullable() }),
  memory: z.record(z.string(), Alarms),
});
export type Assessment = z.infer<typeof Assessment>;

export interface Facts {
  atMs: number;
  pools: readonly PoolFigures[];
  ingress: readonly { held: number; maxHeld: number }[];
  /** Of five minutes. */
  verdicts: readonly VerdictCount[];
  plan: Plan;
  window: Window;
  hourP95Ms: Partial<Record<StageName, number>>;
  deadlineMs: number;
}

/** @param memory of the assessment before, whoever made it */
export function assess(facts: Facts, memory: Memory): Assessment {
  const { atMs, plan, window, deadlineMs } = facts;
  const pools = facts.pools.map((pool, index) =>
    assessPool(
      {
        pool,
        plan: plan.pools[pool.stage],
        window,
        hourP95Ms: facts.hourP95Ms[pool.stage] ?? null,
        deadlineMs,
        nextSaturated: facts.pools.slice(index + 1).some(({ stage }) => plan.pools[stage].saturated),
      },
      memory,
      atMs,
    ),
  );
  const { verdicts, memory: ofVerdicts } = assessVerdicts(facts, memory);
  const { trialUntilMs, version } = plan.tuning;
  return {
    atMs,
    intake: intakeOf(facts),
    pools: pools.map(({ pool }) => pool),
    verdicts,
    deadlineMs,
    scaler: { driver: plan.driver, by: plan.by, decidedAtMs: plan.decidedAtMs },
    tuning: { version, trialUntil: trialUntilMs === null ? null : new Date(trialUntilMs).toISOString() },
    memory: Object.assign({}, ...pools.map(({ memory }) => memory), ofVerdicts),
  };
}

function assessVerdicts(facts: Facts, memory: Memory): { verdicts: OpsState["verdicts"]; memory: Memory } {
  const { window, plan, atMs } = facts;
  const fiveMinutes = perKind((kind) =>
    facts.verdicts.reduce((sum, { verdict, count }) => sum + (verdict === kind ? count : 0), 0),
  );
  const { unprocessable, expired } = fiveMinutes;
  const verdicts = verdictKinds.reduce((sum, kind) => sum + fiveMinutes[kind], 0);
  const goalMs = Object.values(plan.pools).reduce((sum, pool) => sum + pool.goalMs, 0);
  const endToEnd = window.quantiles("postprocess", "whole").p95;
  const age = judge(memory.endToEnd, ageChecks(endToEnd, goalMs), atMs);
  const failures = judge(memory.failures, failureChecks({ verdicts, unprocessable, expired }), atMs);
  return {
    verdicts: {
      perSecond: perKind((kind) => window.perSecond(totalOf.verdict(kind))),
      endToEndP95Ms: { value: endToEnd, level: age.level, forMs: age.forMs },
      goalMs,
      fiveMinutes,
      failures: {
        value: verdicts === 0 ? null : (unprocessable + expired) / verdicts,
        level: failures.level,
        forMs: failures.forMs,
      },
    },
    memory: { endToEnd: age.alarms, failures: failures.alarms },
  };
}

function intakeOf({ ingress, pools, window }: Facts): OpsState["intake"] {
  const sum = (field: "held" | "maxHeld") => ingress.reduce((total, each) => total + each[field], 0);
  return {
    perSecond: window.perSecond(totalOf.received),
    held: sum("held"),
    maxHeld: sum("maxHeld"),
    full: pools.some(({ keptBack }) => keptBack),
    processes: ingress.length,
  };
}

function perKind<Value>(of: (kind: (typeof verdictKinds)[number]) => Value) {
  return { clean: of("clean"), flagged: of("flagged"), unprocessable: of("unprocessable"), expired: of("expired") };
}
