-- One page of a bucket's stream, surely of this lineage.
--
-- KEYS: stream, bucket
-- ARGV: lineage, id to go on behind, most entries
local replid = string.match(redis.call('INFO', 'replication'), 'master_replid:(%x+)')
if string.sub(ARGV[1], 1, #replid) ~= replid or redis.call('HGET', KEYS[2], 'lineage') ~= ARGV[1] then
  return {'lineage'}
end
return {'ok', redis.call('XRANGE', KEYS[1], '(' .. ARGV[2], '+', 'COUNT', ARGV[3])}
