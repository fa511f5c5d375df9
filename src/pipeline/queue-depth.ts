/**
 * How much lies on the queues, counted in captures, by one Lua script whose cost does not grow with a queue's
 * length. A job's name says how many captures it holds; of a long list 64 names are read, evenly spread, and
 * stand for all, so up to 64 jobs are counted exactly.
 */
import { z } from "zod";

/** Jobs of one list, and what those of them that were looked at hold. */
const Lot = z.object({ jobs: z.number(), read: z.number(), captures: z.number() });
export type Lot = z.infer<typeof Lot>;

export const QueueDepth = z.object({
  waiting: Lot,
  prioritised: Lot,
  active: Lot,
  /** Delayed and due: only a live worker puts them back, so they wait like the others. */
  due: Lot,
  later: Lot,
  /** Milliseconds that the oldest that could be taken has waited; 0 where there is none. */
  oldestAgeMs: z.number(),
  paused: z.boolean(),
  /** Jobs ever put on this queue; lower than before when Redis lost its data. */
  added: z.number(),
});
export type QueueDepth = z.infer<typeof QueueDepth>;

/** The captures of a list. @param perJob stands for jobs whose names say nothing, those of an older version */
export function capturesOf({ jobs, read, captures }: Lot, perJob: number): number {
  return read === 0 ? jobs * perJob : (jobs * captures) / read;
}

/** The beginning of a job's name says what it holds; the rest is for people. */
export const jobName = (captures: number) => (captures === 1 ? "1 capture" : `${captures} captures`);

/** Gives `depth(queue, nowMs)`, a table of the fields above, to the script that it is put in front of. */
export const depthFunction = `
local function lot(queue, jobs, range)
  local read, captures = 0, 0
  local spots, width = 1, jobs
  if jobs > 64 then spots, width = 16, 4 end
  for spot = 0, spots - 1 do
    local first = spots == 1 and 0 or math.floor(spot * (jobs - width) / (spots - 1))
    if jobs > 0 then
      for _, id in ipairs(range(first, first + width - 1)) do
        local name = redis.call('HGET', queue .. ':' .. id, 'name')
        local holds = name and tonumber(string.match(name, '^%d+'))
        if holds then read, captures = read + 1, captures + holds end
      end
    end
  end
  return { jobs = jobs, read = read, captures = captures }
end

local function addedAtMs(queue, id)
  local job = id and redis.call('HMGET', queue .. ':' .. id, 'timestamp', 'opts')
  if not job or not job[1] then return nil end
  local delay = job[2] and cjson.decode(job[2]).delay
  return tonumber(job[1]) + (tonumber(delay) or 0)
end

local function depth(queue, nowMs)
  local wait, active, delayed = queue .. ':wait', queue .. ':active', queue .. ':delayed'
  local prioritized = queue .. ':prioritized'
  local function ofList(key) return function(first, last) return redis.call('LRANGE', key, first, last) end end
  local function ofSet(key, from) return function(first, last)
    return redis.call('ZRANGE', key, from + first, from + last)
  end end
  -- Twelve bits of a delayed job's score are a serial number.
  local due = redis.call('ZCOUNT', delayed, '-inf', (nowMs + 1) * 4096 - 1)
  local first = due > 0 and redis.call('ZRANGE', delayed, 0, 0, 'WITHSCORES')
  local oldest = nowMs
  for _, sinceMs in pairs({
    waiting = addedAtMs(queue, redis.call('LINDEX', wait, -1)),
    prioritised = addedAtMs(queue, redis.call('ZRANGE', prioritized, 0, 0)[1]),
    due = first and tonumber(first[2]) / 4096,
  }) do
    if sinceMs then oldest = math.min(oldest, sinceMs) end
  end
  return {
    waiting = lot(queue, redis.call('LLEN', wait), ofList(wait)),
    prioritised = lot(queue, redis.call('ZCARD', prioritized), ofSet(prioritized, 0)),
    active = lot(queue, redis.call('LLEN', active), ofList(active)),
    due = lot(queue, due, ofSet(delayed, 0)),
    later = lot(queue, redis.call('ZCARD', delayed) - due, ofSet(delayed, due)),
    oldestAgeMs = nowMs - oldest,
    paused = redis.call('HEXISTS', queue .. ':meta', 'paused') == 1,
    added = tonumber(redis.call('GET', queue .. ':id') or 0),
  }
end
`;
