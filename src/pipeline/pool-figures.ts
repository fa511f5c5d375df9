/** What the worker processes of each pool say of themselves, in one Redis hash per pool. */
import type { Redis } from "ioredis";
import { keyPrefix } from "./queues.ts";
import type { StageFigures } from "./stage-meter.ts";
import { type StageName, stageNames, stages } from "./stages.ts";

const reportMs = 1_000;
/** A process that has said nothing for this long is gone. */
const staleMs = 5_000;

const keyOf = (stage: StageName) => `${keyPrefix}:pool:${stage}`;

/** Writes this process's figures every second; the returned function ends that and takes them away. */
export function reportFigures(redis: Redis, stage: StageName, processId: string, figures: () => StageFigures) {
  const write = () =>
    redis
      .pipeline()
      .hset(keyOf(stage), processId, JSON.stringify(figures()))
      .expire(keyOf(stage), 60)
      .exec()
      .catch(() => undefined); // Figures are for show; the next second writes them again.
  const timer = setInterval(write, reportMs);
  void write();
  return async () => {
    clearInterval(timer);
    await redis.hdel(keyOf(stage), processId);
  };
}

export interface PoolFigures {
  stage: StageName;
  waitingBatches: number;
  activeBatches: number;
  delayedBatches: number;
  suspects: number;
  processes: StageFigures[];
}

/** The state of every pool, in one round trip. */
export async function readPools(redis: Redis, nowMs: number): Promise<PoolFigures[]> {
  const pipeline = redis.pipeline();
  for (const stage of stageNames) {
    const queue = `${keyPrefix}:${stages[stage].queue}`;
    pipeline.llen(`${queue}:wait`).llen(`${queue}:active`).zcard(`${queue}:delayed`);
    pipeline.llen(`${queue}-suspects:wait`).hvals(keyOf(stage));
  }
  const replies = ((await pipeline.exec()) ?? []).map(([error, value]) => {
    if (error) throw error;
    return value;
  });
  return stageNames.map((stage, index) => {
    const [waiting, active, delayed, suspects, processes] = replies.slice(index * 5, index * 5 + 5);
    return {
      stage,
      waitingBatches: Number(waiting),
      activeBatches: Number(active),
      delayedBatches: Number(delayed),
      suspects: Number(suspects),
      processes: (Array.isArray(processes) ? processes : [])
        .map((text): StageFigures => JSON.parse(String(text)))
        .filter((figures) => nowMs - figures.atMs < staleMs),
    };
  });
}
