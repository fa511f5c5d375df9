/**
 * The latest decision on every pool, in Redis: whoever leads writes it once per tick, and everybody who wants to know
 * (the other replicas of the scaler, `briareus top`, the ops page) reads it. So all agree, and the history in it, which
 * the rule needs, outlives whoever led.
 */
import { randomUUID } from "node:crypto";
import type { Redis } from "ioredis";
import { z } from "zod";
import { keyPrefix } from "../pipeline/queues.ts";
import { stageNames } from "../pipeline/stages.ts";

const recordKey = `${keyPrefix}:scaling`;
const leaderKey = `${keyPrefix}:scaling-leader`;
/** A leader that is silent for this long is followed by another. */
const leaseMs = 5_000;
const keptMs = 60_000;

const PoolHistory = z.object({
  sinceMs: z.number(),
  wanted: z.array(z.object({ atMs: z.number(), replicas: z.number() })).readonly(),
  // JSON has no -Infinity, which stands for never.
  raisedAtMs: z
    .number()
    .nullable()
    .transform((atMs) => atMs ?? Number.NEGATIVE_INFINITY),
});

const PoolLoad = z.object({
  waiting: z.number(),
  active: z.number(),
  later: z.number(),
  heldBack: z.number(),
  arrivalsPerSecond: z.number(),
  oldestAgeMs: z.number(),
  serviceMs: z.number(),
  concurrency: z.number(),
  alive: z.number(),
  paused: z.boolean(),
});

const Limits = z.object({
  min: z.number(),
  max: z.number(),
  goalMs: z.number(),
  stabilisationMs: z.number(),
  headroom: z.number(),
});

/** As decidePools gives it. */
const DecidedPool = z.object({
  stage: z.enum(stageNames),
  /** Workers that there shall be. */
  replicas: z.number(),
  limits: Limits,
  reason: z.string(),
  saturated: z.boolean(),
  history: PoolHistory,
  load: PoolLoad,
});
export type DecidedPool = z.infer<typeof DecidedPool>;

const DecisionRecord = z.object({
  v: z.literal(1),
  atMs: z.number(),
  /** What acts on it: `up --autoscale` on its machine, or KEDA in its cluster. */
  driver: z.enum(["local", "keda"]),
  /** The process that decided. */
  by: z.string(),
  /** The driver's own limits, before tuning; absent: it was another release. */
  defaults: z.partialRecord(z.enum(stageNames), Limits).optional(),
  pools: z.array(DecidedPool),
});
export type DecisionRecord = z.infer<typeof DecisionRecord>;

/** Makes this process the leader, or says that it still is, unless another is. KEYS: lease; ARGV: id, milliseconds. */
const lead = `
local leader = redis.call('GET', KEYS[1])
if leader and leader ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
`;

/** Writes only as the leader. KEYS: lease, record; ARGV: id, record, milliseconds. */
const write = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
return 1
`;

const resign = `
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
`;

/** All throw Error when Redis does not answer. */
export interface DecisionRecords {
  /** Of this process. */
  id: string;
  /** Whether this process leads now: it did, or nobody does. */
  lead(): Promise<boolean>;
  /** @returns false where another leads by now: nothing was written */
  write(decided: Pick<DecisionRecord, "atMs" | "driver" | "defaults" | "pools">): Promise<boolean>;
  read(): Promise<DecisionRecord | undefined>;
  /** Lets another lead at once. */
  resign(): Promise<void>;
}

export function decisionRecords(redis: Redis): DecisionRecords {
  const id = `${process.pid}-${randomUUID().slice(0, 8)}`;
  return {
    id,
    lead: async () => (await redis.eval(lead, 1, leaderKey, id, leaseMs)) === 1,
    async write(decided) {
      const record = JSON.stringify({ v: 1, by: id, ...decided });
      return (await redis.eval(write, 2, leaderKey, recordKey, id, record, keptMs)) === 1;
    },
    read: () => readDecisions(redis),
    resign: async () => void (await redis.eval(resign, 1, leaderKey, id)),
  };
}

/** undefined: nobody has decided within a minute, or it was another release, whose record says other things. */
export async function readDecisions(redis: Redis): Promise<DecisionRecord | undefined> {
  const text = await redis.get(recordKey);
  return text === null ? undefined : DecisionRecord.safeParse(JSON.parse(text)).data;
}
