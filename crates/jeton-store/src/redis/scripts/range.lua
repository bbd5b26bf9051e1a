-- One page of a bucket's stream, surely of this lineage.
--
-- KEYS: stream
-- ARGV: lineage, id to go on behind, most entries
local lineage = string.match(redis.call('INFO', 'replication'), 'master_replid:(%x+)')
if lineage ~= ARGV[1] then return {'lineage', lineage} end
return {'ok', redis.call('XRANGE', KEYS[1], '(' .. ARGV[2], '+', 'COUNT', ARGV[3])}
