-- Puts one subject's record and the revocations that go with it, if nobody was faster.
--
-- KEYS: record, stream, index, bucket
-- ARGV: lineage, tag of the record as it was read, keep|set|delete, new record, when its last
--       session expires (ms, 0 if it has none), member of the index, retention (ms), entry of the stream or ''
--
-- Answers with the last entry of this lineage where it made none. Decides nothing about sessions.
-- Either all of it happens or nothing: what can fail comes first.
local replid = string.match(redis.call('INFO', 'replication'), 'master_replid:(%x+)')
if string.sub(ARGV[1], 1, #replid) ~= replid or redis.call('HGET', KEYS[4], 'lineage') ~= ARGV[1] then
  return {'lineage'}
end

-- Changes nothing, but is refused where writes are: nobody gets an answer from a primary that has
-- been cut off, not even "as it was".
redis.call('HDEL', KEYS[4], '')

if redis.call('GETRANGE', KEYS[1], 0, 7) ~= ARGV[2] then
  return {'conflict', redis.call('GET', KEYS[1]) or ''}
end

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local retention = tonumber(ARGV[7])
local ms, seq = 0, 0

if ARGV[8] ~= '' then
  local clock = redis.call('HMGET', KEYS[4], 'ms', 'seq')
  ms, seq = tonumber(clock[1]) or 0, tonumber(clock[2]) or 0
  if now > ms then ms, seq = now, 0
  elseif seq >= 4000000 then ms, seq = ms + 1, 0
  else seq = seq + 1 end
  local id = string.format('%.0f-%.0f', ms, seq)
  local oldest = string.format('%.0f-0', math.max(now - retention, 0))
  redis.call('XADD', KEYS[2], 'MINID', '~', oldest, id, 'r', ARGV[8])
  redis.call('HSET', KEYS[4], 'ms', string.format('%.0f', ms), 'seq', seq, 'e', id)
end

if ARGV[3] == 'set' then
  local expiry = math.max(tonumber(ARGV[5]), now) + 2 * retention
  redis.call('SET', KEYS[1], ARGV[4], 'PXAT', string.format('%.0f', expiry))
  redis.call('ZADD', KEYS[3], 0, ARGV[6])
elseif ARGV[3] == 'delete' then
  redis.call('DEL', KEYS[1])
  redis.call('ZREM', KEYS[3], ARGV[6])
end
return {'ok', ms, seq, now, ARGV[8] == '' and redis.call('HGET', KEYS[4], 'e') or ''}
