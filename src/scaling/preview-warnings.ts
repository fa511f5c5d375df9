/** What people should know of a change before they make it, in words. Pure. */
import { stages } from "../pipeline/stages.ts";
import { capacity, mostReplicas, type PoolUnderChange } from "./pool-under-change.ts";

/** Only of what the change brings; what was so before is no news. @param deadlineMs captures older than this expire */
export function previewWarnings(pool: PoolUnderChange, deadlineMs: number): string[] {
  const warnings = [drains(pool), pauses(pool, deadlineMs), fallsBehind(pool), sharesCores(pool), unscaled(pool)];
  return warnings.filter((words) => words !== undefined).map((words) => `${pool.stage}: ${words}`);
}

function drains({ scaled, replicas, before, after }: PoolUnderChange): string | undefined {
  const { max } = after.limits;
  const lowered = max < before.limits.max;
  return scaled && lowered && replicas > max ? `${replicas - max} of ${replicas} running will drain` : undefined;
}

function pauses({ stage, load, before, after }: PoolUnderChange, deadlineMs: number): string | undefined {
  if (before.paused || !after.paused) return undefined;
  const coming = `${Math.round(load.arrivalsPerSecond)}/s keep coming`;
  // The one exit lets nothing expire: what is ready there waits however long.
  if (stage === "postprocess") return `${coming}, and no verdict leaves`;
  if (load.waiting + load.arrivalsPerSecond === 0) return `${coming}; what comes expires after ${seconds(deadlineMs)}`;
  return `${coming}, first expiry within ${seconds(Math.max(0, deadlineMs - load.oldestAgeMs))}`;
}

function fallsBehind(pool: PoolUnderChange): string | undefined {
  if (pool.after.paused) return undefined;
  const { arrivalsPerSecond } = pool.load;
  const [before, after] = (["before", "after"] as const).map((side) => capacity(pool, side, mostReplicas(pool, side)));
  if (before === undefined || after === undefined) return undefined;
  if (after >= arrivalsPerSecond || before < arrivalsPerSecond) return undefined;
  return `at most ${Math.floor(after)}/s with all its workers, and ${Math.round(arrivalsPerSecond)}/s come`;
}

function sharesCores({ stage, before, after }: PoolUnderChange): string | undefined {
  if (stages[stage].boundBy !== "cpu" || after.concurrency <= before.concurrency) return undefined;
  return "bound by the CPU: more batches at a time share the same cores, and do no more captures";
}

function unscaled({ scaled, before, after }: PoolUnderChange): string | undefined {
  const same = (["min", "max", "goalMs"] as const).every((field) => before.limits[field] === after.limits[field]);
  return scaled || same ? undefined : "nobody scales this pool, so min, max and goal do nothing until somebody does";
}

const seconds = (ms: number) => `${Math.ceil(ms / 1_000)} s`;
