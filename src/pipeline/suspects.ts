/**
 * A batch whose worker died may hold a capture that kills workers. Its captures become suspects: each runs
 * alone in its process, after its start was counted. A capture found with `deathsToBlame` starts that never
 * came back is to blame; its neighbours finish their solo run and go on as if nothing had been.
 */
import type { Redis } from "ioredis";
import { type AnyItem, type NewBatch, partId } from "./job.ts";
import { keyPrefix } from "./queues.ts";
import type { StageName } from "./stages.ts";

const deathsToBlame = 2;
const countLifetimeMs = 3_600_000;

/** One job per capture of a batch that stalled. */
export function explode<Item extends AnyItem>(batchId: string, items: readonly Item[]): NewBatch<Item>[] {
  return items.map((item) => ({ batchId: partId(batchId, [item], "solo"), items: [item] }));
}

export interface SoloStarts {
  /** Counts a solo start before it happens. true: this capture has already killed too many workers; do not run it. */
  begin(captureId: string): Promise<boolean>;
  /** The solo run came to an end, whatever its outcome. */
  end(captureId: string): Promise<void>;
}

export function soloStarts(redis: Redis, stage: StageName): SoloStarts {
  const keyOf = (captureId: string) => `${keyPrefix}:solo:${stage}:${captureId}`;
  return {
    async begin(captureId) {
      const key = keyOf(captureId);
      const starts = await redis.incr(key);
      await redis.pexpire(key, countLifetimeMs);
      return starts > deathsToBlame;
    },
    async end(captureId) {
      await redis.del(keyOf(captureId));
    },
  };
}
