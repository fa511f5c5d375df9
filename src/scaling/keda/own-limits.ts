/**
 * The limits that ScaledObjects set. KEDA tells them to whichever replica of the scaler it asks, with each question, and
 * the one that leads needs them: so they lie in Redis, the last heard of each stage.
 */
import type { Redis } from "ioredis";
import { keyPrefix } from "../../pipeline/queues.ts";
import { type StageName, stageNames } from "../../pipeline/stages.ts";
import { OwnLimits, type Trigger } from "./metadata.ts";

const key = `${keyPrefix}:scaling-limits`;

type Heard = Partial<Record<StageName, OwnLimits>>;

export interface SharedLimits {
  /** KEDA has asked with these. */
  hear(trigger: Trigger): void;
  /** Says what was heard here and hears what was heard elsewhere. @throws Error when Redis does not answer */
  exchange(): Promise<Heard>;
}

export function shareLimits(redis: Redis): SharedLimits {
  /** None is an entry too, so that a ScaledObject can lose its limits, and an empty hash is a Redis that lost its data. */
  let known: Heard = {};
  const unsaid = new Map<StageName, OwnLimits>();
  return {
    hear({ stage, limits }) {
      if (JSON.stringify(known[stage]) === JSON.stringify(limits)) unsaid.delete(stage);
      else unsaid.set(stage, limits);
    },
    async exchange() {
      const said = new Map(unsaid);
      const found = parse(await redis.hgetall(key));
      const lost = Object.keys(found).length === 0;
      const own: Heard = { ...(lost && known), ...Object.fromEntries(said) };
      await write(redis, own);
      for (const [stage, limits] of said) if (unsaid.get(stage) === limits) unsaid.delete(stage);
      known = { ...found, ...own };
      return known;
    },
  };
}

async function write(redis: Redis, limits: Heard): Promise<void> {
  const fields = Object.entries(limits).flatMap(([stage, each]) => [stage, JSON.stringify(each)]);
  if (fields.length > 0) await redis.hset(key, ...fields);
}

function parse(fields: Record<string, string>): Heard {
  const found: Heard = {};
  for (const stage of stageNames) {
    const limits = OwnLimits.safeParse(JSON.parse(fields[stage] ?? "null"));
    if (limits.success) found[stage] = limits.data;
  }
  return found;
}
