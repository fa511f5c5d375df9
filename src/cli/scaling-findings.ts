/** What the doctor says of scaling: whoever decides, the workers of each pool, pauses, trials. Pure. */
import type { PoolFigures } from "../pipeline/pool-figures.ts";
import { stages } from "../pipeline/stages.ts";
import type { Tuning, TuningLogEntry } from "../pipeline/tuning/tuning.ts";
import type { DecidedPool, DecisionRecord } from "../scaling/decision-record.ts";
import type { Diagnosis } from "./diagnose.ts";
import { byWhom, spanInWords } from "./tuning-table.ts";

export interface ScalingFacts {
  pools: readonly PoolFigures[];
  /** undefined: nobody has decided within a minute. */
  decided: DecisionRecord | undefined;
  tuning: Tuning;
  /** Newest first. */
  log: readonly TuningLogEntry[];
  /** Captures older than this expire. */
  deadlineMs: number;
  nowMs: number;
}

/** Whoever leads decides several times in it; another leads after it. */
const freshMs = 10_000;
/** Running workers follow a change well within it. */
const followMs = 10_000;

export function scalingFindings(facts: ScalingFacts): Diagnosis[] {
  return [scaler(facts), ...facts.pools.map((pool) => poolFinding(pool, facts)), tuningFinding(facts)];
}

function scaler({ decided, nowMs }: ScalingFacts): Diagnosis {
  const what = "scaler";
  if (!decided) {
    const advice = "`briareus autoscaler` with KEDA, or `briareus up --autoscale`, if pools shall follow the load";
    return { what, good: true, detail: "nobody scales the pools: each has the workers that you start", advice };
  }
  const ageMs = nowMs - decided.atMs;
  const who = `${decided.by} (${decided.driver})`;
  if (ageMs > freshMs) {
    const advice = "pools stay as they are: is it still running, and does its log say that Redis does not answer?";
    return { what, good: false, detail: `${who} has decided nothing for ${spanInWords(ageMs)}`, advice };
  }
  return { what, good: true, detail: `${who} decided ${spanInWords(ageMs)} ago` };
}

function poolFinding(pool: PoolFigures, facts: ScalingFacts): Diagnosis {
  const what = `pool ${pool.stage}`;
  const scaling = facts.decided?.pools.find(({ stage }) => stage === pool.stage);
  const expires = waitingIn(pool) > 0 && pool.oldestAgeMs > facts.deadlineMs;
  if (pool.paused) return { what, good: !expires, ...pauseOf(pool, facts) };
  if (pool.processes.length === 0) return { what, ...nobodyWorks(pool, scaling) };
  const trouble = expires ? lateness(pool) : (laggards(pool, facts) ?? shortage(pool, scaling));
  const workers = count(pool.processes.length, "worker");
  return { what, good: !expires, detail: `${workers}, ${queued(pool)}`, ...trouble };
}

type Trouble = Pick<Diagnosis, "detail" | "advice">;

function pauseOf(pool: PoolFigures, { tuning, log, nowMs }: ScalingFacts): Trouble {
  const { stage } = pool;
  if (tuning.stages[stage]?.paused !== true) {
    const advice = `its queue's own flag is set, which briareus never does: resume queue "${stages[stage].queue}" with the BullMQ tool that paused it`;
    return { detail: `paused, ${queued(pool)}`, advice };
  }
  const entry = log.find(({ changes }) =>
    changes.some((change) => change.stage === stage && change.field === "paused"),
  );
  const advice = `briareus tune ${stage} --resume --reason …`;
  return { detail: `paused${entry ? ` ${byWhom(entry, nowMs)}` : ""}: ${queued(pool)}`, advice };
}

function nobodyWorks(pool: PoolFigures, scaling: DecidedPool | undefined): Trouble & { good: boolean } {
  const there = waitingIn(pool) + pool.captures.active + pool.captures.later;
  const detail = `no worker, ${queued(pool)}`;
  if (scaling && scaling.replicas > 0) {
    const advice = `${scaling.replicas} are wanted: do they start? Their logs say why not, or the cluster has no room (kubectl get pods)`;
    return { good: false, detail, advice };
  }
  if (scaling && there === 0) return { good: true, detail: "no worker, and none is needed" };
  return { good: there === 0, detail, advice: `start some: briareus worker ${pool.stage}` };
}

function lateness(pool: PoolFigures): Trouble {
  const workers = count(pool.processes.length, "worker");
  const advice = `captures expire: give it more workers (briareus tune ${pool.stage} --max N, briareus capacity says how many), or find what its batches wait for`;
  return { detail: `${workers}, ${queued(pool)}`, advice };
}

/** Workers that do not follow the tuning, though it is old enough. */
function laggards({ processes, stage }: PoolFigures, { tuning, nowMs }: ScalingFacts): Trouble | undefined {
  const behind = processes.filter(({ tuningVersion }) => tuningVersion < tuning.version).length;
  if (behind === 0 || nowMs - tuning.atMs < followMs) return undefined;
  const advice = `restart them if that lasts: ${stage} workers of a release without tuning never follow`;
  return {
    detail: `${behind} of ${count(processes.length, "worker")} do not work with tuning version ${tuning.version}`,
    advice,
  };
}

function shortage(pool: PoolFigures, scaling: DecidedPool | undefined): Trouble | undefined {
  const { stage, processes } = pool;
  if (scaling?.saturated) {
    const advice = `more than its maximum is needed: briareus tune ${stage} --max N, if there is room (briareus capacity says how many)`;
    return { detail: `${scaling.reason}, ${queued(pool)}`, advice };
  }
  if (!scaling || scaling.replicas <= processes.length) return undefined;
  const detail = `${processes.length} of ${count(scaling.replicas, "worker")} that are wanted, ${queued(pool)}`;
  return { detail, advice: "the others start, or the cluster has no room for them (kubectl get pods)" };
}

function tuningFinding({ tuning, log, nowMs }: ScalingFacts): Diagnosis {
  const what = "tuning";
  const newest = log.find(({ version }) => version === tuning.version);
  const made = newest ? `, ${byWhom(newest, nowMs)}` : "";
  if (tuning.trial) {
    const left = spanInWords(tuning.trial.untilMs - nowMs);
    const advice = "briareus tune --keep --reason …, or --revert; else it is taken back then";
    return { what, good: true, detail: `version ${tuning.version} is on trial for another ${left}${made}`, advice };
  }
  return { what, good: true, detail: tuning.version === 0 ? "nothing is tuned" : `version ${tuning.version}${made}` };
}

const waitingIn = ({ captures }: PoolFigures) => captures.waiting + captures.suspects;

function queued(pool: PoolFigures): string {
  const waiting = waitingIn(pool);
  if (waiting === 0) return "nothing waits";
  return `${count(Math.round(waiting), "capture")} wait, the oldest for ${spanInWords(pool.oldestAgeMs)}`;
}

const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? "" : "s"}`;
