/**
 * The latest assessment, which one review process writes and all of them read. Redis keys: who writes (a lease), the
 * assessment, and the history.
 */
import type { Redis } from "ioredis";
import { z } from "zod";
import { keyPrefix } from "../../pipeline/queues.ts";
import { Models } from "../contract/ops.ts";
import { Assessment } from "./assess.ts";
import { historyKey, mostSamples, type Sample } from "./history.ts";

export const LiveState = z.object({ assessment: Assessment, models: Models });
export type LiveState = z.infer<typeof LiveState>;

const leaseKey = `${keyPrefix}:ops-leader`;
const stateKey = `${keyPrefix}:ops`;
/** Another process takes over after so long. */
const leaseMs = 4_000;
const stateLifetimeMs = 3_600_000;
const historyLifetimeMs = 7_200_000;

const hold = `
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
`;

/** Takes or renews the lease. @returns whether this process has it */
export async function holdLease(redis: Redis, owner: string): Promise<boolean> {
  return (await redis.eval(hold, 1, leaseKey, owner, leaseMs)) === 1;
}

const release = `if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end`;

export async function releaseLease(redis: Redis, owner: string): Promise<void> {
  await redis.eval(release, 1, leaseKey, owner);
}

const write = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[2], ARGV[2], 'PX', ${stateLifetimeMs})
if ARGV[3] ~= '' then
  redis.call('LPUSH', KEYS[3], ARGV[3])
  redis.call('LTRIM', KEYS[3], 0, ${mostSamples - 1})
  redis.call('PEXPIRE', KEYS[3], ${historyLifetimeMs})
end
return 1
`;

/** Writes only as holder of the lease. @param sample of the history, where one is due */
export async function writeState(redis: Redis, owner: string, state: LiveState, sample?: Sample): Promise<void> {
  const texts = [JSON.stringify(state), sample ? JSON.stringify(sample) : ""];
  await redis.eval(write, 3, leaseKey, stateKey, historyKey, owner, ...texts);
}

/** undefined: there is none, or one of another version. */
export async function readState(redis: Redis): Promise<LiveState | undefined> {
  const text = await redis.get(stateKey);
  return text === null ? undefined : LiveState.safeParse(JSON.parse(text)).data;
}
