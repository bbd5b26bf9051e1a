-- One subject's record, as the primary that still takes writes has it.
--
-- KEYS: record, bucket
-- ARGV: lineage
local replid = string.match(redis.call('INFO', 'replication'), 'master_replid:(%x+)')
if string.sub(ARGV[1], 1, #replid) ~= replid or redis.call('HGET', KEYS[2], 'lineage') ~= ARGV[1] then
  return {'lineage'}
end
-- Changes nothing, but is refused where writes are.
redis.call('HDEL', KEYS[2], '')
return {'ok', redis.call('GET', KEYS[1]) or ''}
