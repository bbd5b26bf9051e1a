-- The operator accepts what a bucket has lost.
--
-- KEYS: bucket
-- ARGV: lineage
local replid = string.match(redis.call('INFO', 'replication'), 'master_replid:(%x+)')
if string.sub(ARGV[1], 1, #replid) ~= replid or redis.call('HGET', KEYS[1], 'lineage') ~= ARGV[1] then
  return {'lineage'}
end
local time = redis.call('TIME')
local was = redis.call('HMGET', KEYS[1], 'ms', 'known')
local accepted = math.max(time[1] * 1000, tonumber(was[1]) or 0, tonumber(was[2]) or 0)
redis.call('HSET', KEYS[1], 'accepted', string.format('%.0f', accepted))
return {'ok'}
