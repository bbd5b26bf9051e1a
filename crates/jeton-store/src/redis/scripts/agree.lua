-- What all nodes of a fleet agree on. Whoever comes first decides; R may be replaced on purpose.
-- KEYS cfg · ARGV format, retention ms, name of the feed, "keep" or "replace"
local cfg = KEYS[1]
redis.call('HSETNX', cfg, 'format', ARGV[1])
redis.call('HSETNX', cfg, 'buckets', 64)
redis.call(ARGV[4] == 'replace' and 'HSET' or 'HSETNX', cfg, 'retention', ARGV[2])
redis.call('HSETNX', cfg, 'feed', ARGV[3])
return redis.call('HMGET', cfg, 'format', 'retention', 'feed')
