/** The Lua of the streams' memory: what must be atomic, and no more. */

/**
 * KEYS: order, captures and flagged of each stream.
 * ARGV: captures remembered, lifetime in ms; then per stream how many captures come, whether to recall them, and of
 *   each its id and facts.
 * Gives per stream when its last flagged capture was taken ("" if none), and, if recalled, id, number of arrival and
 *   facts of each capture, one after the other. What is too old is forgotten only after that: the captures of one
 *   call may be more than are remembered, and each is judged by those before it.
 */
export const rememberScript = `
local replies, at = {}, 3
for stream = 1, #KEYS, 3 do
  local order, captures, flagged = KEYS[stream], KEYS[stream + 1], KEYS[stream + 2]
  local count, recall = tonumber(ARGV[at]), ARGV[at + 1]
  at = at + 2
  local newest = tonumber(redis.call('ZRANGE', order, -1, -1, 'WITHSCORES')[2] or 0)
  for _ = 1, count do
    if redis.call('ZADD', order, 'NX', newest + 1, ARGV[at]) == 1 then newest = newest + 1 end
    redis.call('HSET', captures, ARGV[at], ARGV[at + 1])
    at = at + 2
  end
  local recalled = {}
  if recall == '1' then
    local ids = redis.call('ZRANGE', order, 0, -1, 'WITHSCORES')
    for i = 1, #ids, 2 do
      local facts = redis.call('HGET', captures, ids[i])
      if facts then
        recalled[#recalled + 1] = ids[i]
        recalled[#recalled + 1] = ids[i + 1]
        recalled[#recalled + 1] = facts
      end
    end
  end
  local excess = redis.call('ZCARD', order) - tonumber(ARGV[1])
  if excess > 0 then
    local forgotten = redis.call('ZPOPMIN', order, excess)
    for i = 1, #forgotten, 2 do redis.call('HDEL', captures, forgotten[i]) end
  end
  redis.call('PEXPIRE', order, ARGV[2])
  redis.call('PEXPIRE', captures, ARGV[2])
  replies[#replies + 1] = { redis.call('HGET', flagged, 'atMs') or '', recalled }
end
return replies
`;

/**
 * KEYS: flagged of each capture's stream.
 * ARGV: the time in ms within which flagged captures belong together, lifetime in ms; then of each capture its id and
 *   when it was taken.
 * Gives per capture 1 or 0, whether it is the first, and when the last flagged capture was taken. A time far before
 *   the last one begins anew just as one far behind it: a publisher's clock that was put back does not end the memory.
 */
export const markScript = `
local replies = {}
for i, key in ipairs(KEYS) do
  local id, atMs = ARGV[2 * i + 1], tonumber(ARGV[2 * i + 2])
  local known = redis.call('HMGET', key, 'atMs', 'first')
  local lastMs, first = tonumber(known[1] or nil), known[2]
  if not lastMs or math.abs(atMs - lastMs) > tonumber(ARGV[1]) then
    lastMs, first = atMs, id
  elseif atMs > lastMs then
    lastMs = atMs
  end
  redis.call('HSET', key, 'atMs', string.format('%.0f', lastMs), 'first', first)
  redis.call('PEXPIRE', key, ARGV[2])
  replies[i] = { first == id and 1 or 0, string.format('%.0f', lastMs) }
end
return replies
`;
