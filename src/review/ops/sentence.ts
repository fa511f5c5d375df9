/**
 * The sentence on top of the ops page: the worst pool, its number and the goal, for how long, what is being done, and what
 * has expired. Pure.
 */
import type { OpsPool, OpsState } from "../contract/ops.ts";
import { worstOf } from "./alarm.ts";
import type { Assessment } from "./assess.ts";
import { dataLevel } from "./checks.ts";

type Sentence = OpsState["sentence"];

/** @param dataAgeMs since the figures were measured */
export function sentenceOf(state: Omit<Assessment, "memory" | "atMs" | "scaler">, dataAgeMs: number): Sentence {
  const stale = dataLevel(dataAgeMs);
  if (stale === "breach")
    return { text: `These figures are ${seconds(dataAgeMs)} old: nobody measures any more`, stage: null, level: stale };
  const { pools, verdicts } = state;
  const level = worstOf([...pools.map(levelOf), verdicts.endToEndP95Ms.level, verdicts.failures.level]);
  const worst = worstPool(pools);
  if (worst) {
    const text = [trouble(worst), remedy(worst), failing(verdicts), expiry(verdicts)];
    return { text: joined(text), stage: worst.stage, level };
  }
  const paused = pools.filter((pool) => pool.paused);
  const { endToEndP95Ms, goalMs } = verdicts;
  const late =
    endToEndP95Ms.level !== "normal" && endToEndP95Ms.value !== null
      ? `Verdicts take ${seconds(endToEndP95Ms.value)} from end to end (goal ${seconds(goalMs)})${since(endToEndP95Ms.forMs)}`
      : undefined;
  const first = late ?? failing(verdicts) ?? (paused.length > 0 ? undefined : calm(state));
  const rest = [late && failing(verdicts), ...paused.map(pause), expiry(verdicts)];
  return { text: joined([first, ...rest]), stage: paused[0]?.stage ?? null, level };
}

const levelOf = (pool: OpsPool) =>
  worstOf(
    [pool.oldestAgeMs, pool.drainMs, pool.outPerSecond, pool.serviceMs, pool.busy, pool.replicas].map(
      ({ level }) => level,
    ),
  );

/** Of those of the worst level the one whose captures are latest, measured by its goal. */
function worstPool(pools: readonly OpsPool[]): OpsPool | undefined {
  const rank = { breach: 2, warning: 1, normal: 0 };
  const lateness = ({ oldestAgeMs, goalMs, depth }: OpsPool) => (oldestAgeMs.value ?? 0) / goalMs + depth * 1e-9;
  return pools
    .filter((pool) => levelOf(pool) !== "normal")
    .sort((a, b) => rank[levelOf(b)] - rank[levelOf(a)] || lateness(b) - lateness(a))[0];
}

/** The first of these that makes the pool as bad as it is. */
function trouble(pool: OpsPool): string {
  const { stage, oldestAgeMs, goalMs, depth, outPerSecond, inPerSecond, drainMs, replicas, busy, serviceMs } = pool;
  const level = levelOf(pool);
  const oldest = seconds(oldestAgeMs.value ?? 0);
  if (replicas.running === 0 && replicas.level === level && depth > 0)
    return `${stage} has no worker: ${captures(depth)}, the oldest for ${oldest}`;
  if (outPerSecond.level === level && level === "breach")
    return `Nothing leaves ${stage}${since(outPerSecond.forMs)}: ${captures(depth)}, the oldest for ${oldest}`;
  if (oldestAgeMs.level === level)
    return `${stage} is the bottleneck: oldest ${oldest} (goal ${seconds(goalMs)})${since(oldestAgeMs.forMs)}`;
  if (drainMs.level === level && drainMs.value !== null)
    return `${stage} is behind: ${captures(depth)}, ${seconds(drainMs.value)} of work (goal ${seconds(goalMs)})`;
  if (outPerSecond.level === level)
    return `${stage} falls behind: ${rate(outPerSecond.value)} out, ${rate(inPerSecond)} in${since(outPerSecond.forMs)}`;
  if (replicas.level === level)
    return `${stage} is short of workers: ${replicas.running} of ${replicas.wanted ?? 0} run${since(replicas.forMs)}`;
  if (busy.level === level) return `${stage} is nearly full: ${percent(busy.value ?? 0)} of its slots are at work`;
  const { p95, hourP95 } = serviceMs;
  return `${stage} is slower than usual: p95 ${round(p95 ?? 0)} ms, ${round(hourP95 ?? 0)} ms in the last hour`;
}

/** What is being done about it. */
function remedy({ paused, replicas }: OpsPool): string {
  const { wanted, running, max, holding } = replicas;
  if (paused) return "paused by ops";
  if (wanted === null) return `${running} running, nobody scales it`;
  if (wanted > running) return `${running} → ${wanted} replicas starting`;
  if (wanted < running) return `${running} → ${wanted} replicas, ${running - wanted} draining`;
  if (holding === "limit") return `at its maximum of ${max ?? wanted}`;
  if (holding === "next-full") return "held: the next pool is full";
  return `${running} running`;
}

const pause = ({ stage, depth, inPerSecond }: OpsPool) =>
  `${stage} is paused: ${captures(depth)}${inPerSecond ? `, ${rate(inPerSecond)} keep coming` : ""}`;

function failing({ failures, fiveMinutes: { unprocessable } }: OpsState["verdicts"]): string | undefined {
  if (failures.level === "normal" || failures.value === null || unprocessable === 0) return undefined;
  return `${percent(failures.value)} of the verdicts of five minutes are failures`;
}

function expiry({ fiveMinutes: { expired } }: OpsState["verdicts"]): string {
  return expired === 0 ? "nothing has expired" : `${expired} expired in five minutes`;
}

function calm({ pools, intake, verdicts: { endToEndP95Ms, goalMs } }: Pick<OpsState, "pools" | "intake" | "verdicts">) {
  if (!intake.perSecond && pools.every(({ depth }) => depth === 0)) return "Nothing comes in, and nothing waits";
  const speed =
    endToEndP95Ms.value === null ? "" : `, 95 % done within ${seconds(endToEndP95Ms.value)} (goal ${seconds(goalMs)})`;
  return `All is well: ${rate(intake.perSecond)} in${speed}`;
}

const joined = (parts: readonly (string | undefined)[]) => parts.filter(Boolean).join(" · ");
const since = (forMs: number) => (forMs < 1_000 ? "" : ` for ${duration(forMs)}`);
const duration = (ms: number) => (ms < 120_000 ? `${Math.round(ms / 1_000)} s` : `${Math.round(ms / 60_000)} min`);
const seconds = (ms: number) => (ms < 99_950 ? `${Number((ms / 1_000).toFixed(1))} s` : duration(ms));
const captures = (count: number) =>
  Math.round(count) === 1 ? "1 capture waits" : `${Math.round(count)} captures wait`;
const rate = (perSecond: number | null) => (perSecond === null ? "?/s" : `${round(perSecond)}/s`);
const percent = (share: number) => `${Number((100 * share).toFixed(share < 0.1 ? 1 : 0))} %`;
const round = (value: number) => Number(value.toFixed(value < 10 ? 1 : 0));
