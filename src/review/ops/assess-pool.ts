import type { PoolFigures } from "../../pipeline/pool-figures.ts";
import { type StageName, stageNames } from "../../pipeline/stages.ts";
import { totalOf } from "../../pipeline/totals.ts";
import type { Holding, OpsPool } from "../contract/ops.ts";
import { type Alarms, type Checks, judge } from "./alarm.ts";
import { ageChecks, busyChecks, drainChecks, flowChecks, replicaChecks, serviceChecks } from "./checks.ts";
import type { PoolPlan } from "./plan.ts";
import { readyCaptures, type Window } from "./window.ts";

/** What is remembered of each number from one look to the next, by its name. */
export type Memory = Readonly<Record<string, Alarms>>;

export interface PoolFacts {
  pool: PoolFigures;
  plan: PoolPlan;
  window: Window;
  /** Of the last hour; null: not known yet. */
  hourP95Ms: number | null;
  deadlineMs: number;
  nextSaturated: boolean;
}

/** The figures of one pool, each with its level. Pure but for the window, which it only asks. */
export function assessPool(facts: PoolFacts, memory: Memory, nowMs: number): { pool: OpsPool; memory: Memory } {
  const { pool, plan, window, hourP95Ms, deadlineMs } = facts;
  const { stage } = pool;
  const remembered: Record<string, Alarms> = {};
  const levelOf = (number: string, checks: Checks) => {
    const name = `${stage}.${number}`;
    const { level, forMs, alarms } = judge(memory[name], checks, nowMs);
    remembered[name] = alarms;
    return { level, forMs };
  };
  const measured = (number: string, value: number | null, checks: Checks) => ({ value, ...levelOf(number, checks) });

  const ready = readyCaptures(pool);
  const depth = ready + pool.captures.later;
  const inPerSecond = window.perSecond(...sourcesOf(stage));
  const outPerSecond = window.perSecond(totalOf.outcome(stage, "done"), totalOf.outcome(stage, "rejected"));
  const drainMs = ready === 0 ? 0 : outPerSecond ? (ready * 1_000) / outPerSecond : null;
  const service = window.quantiles(stage, "service");
  const busy = window.busy(stage);
  const running = pool.processes.length;
  const { wanted, min, max, reason, goalMs } = plan;

  const assessed: OpsPool = {
    stage,
    oldestAgeMs: measured("age", pool.oldestAgeMs, ageChecks(pool.oldestAgeMs, goalMs)),
    goalMs,
    depth,
    inFlight: pool.captures.active,
    drainMs: measured("drain", drainMs, drainChecks(drainMs, goalMs, deadlineMs)),
    inPerSecond,
    outPerSecond: measured("flow", outPerSecond, flowChecks(inPerSecond, outPerSecond, ready)),
    serviceMs: { ...service, hourP95: hourP95Ms, ...levelOf("service", serviceChecks(service.p95, hourP95Ms)) },
    waitingP95Ms: window.quantiles(stage, "waiting").p95,
    busy: measured("busy", busy, busyChecks(busy, window.depthRises(stage))),
    replicas: {
      wanted,
      running,
      starting: Math.max(0, (wanted ?? running) - running),
      draining: Math.max(0, running - (wanted ?? running)),
      min,
      max,
      holding: holdingOf(facts),
      reason,
      ...levelOf("replicas", replicaChecks(wanted, running, depth)),
    },
    paused: pool.paused,
    versions: versionsOf(pool),
  };
  return { pool: assessed, memory: remembered };
}

/** The totals that say what came to a stage: ingress's, or what the one before handed on; to the last, rejections too. */
function sourcesOf(stage: StageName): string[] {
  const before = stageNames.slice(0, stageNames.indexOf(stage));
  const last = before.at(-1);
  if (last === undefined) return [totalOf.received];
  const done = totalOf.outcome(last, "done");
  return stage === "postprocess" ? [done, ...before.map((each) => totalOf.outcome(each, "rejected"))] : [done];
}

function holdingOf({ pool, plan, nextSaturated }: PoolFacts): Holding {
  if (pool.paused) return "paused";
  if (plan.saturated) return "limit";
  if (nextSaturated && plan.reason?.startsWith("held:")) return "next-full";
  return pool.oldestAgeMs > plan.goalMs && plan.wanted !== null ? "goal" : "none";
}

function versionsOf({ processes }: PoolFigures): OpsPool["versions"] {
  const counts = new Map<number, number>();
  for (const { tuningVersion } of processes) counts.set(tuningVersion, (counts.get(tuningVersion) ?? 0) + 1);
  return [...counts].map(([version, processes]) => ({ version, processes })).sort((a, b) => b.version - a.version);
}
