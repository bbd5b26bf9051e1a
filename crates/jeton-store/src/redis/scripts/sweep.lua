-- Takes members out of the index whose record has expired.
--
-- KEYS: index, then records
-- ARGV: for each record, its member
local gone = 0
for i = 1, #ARGV do
  if redis.call('EXISTS', KEYS[i + 1]) == 0 then
    gone = gone + redis.call('ZREM', KEYS[1], ARGV[i])
  end
end
return gone
