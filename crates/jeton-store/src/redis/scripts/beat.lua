-- A heartbeat of one node in one bucket: raises the bucket's clock, which also proves that this
-- primary still takes writes, and tells who has yet to settle in its lineage.
--
-- KEYS: bucket, nodes, stream
-- ARGV: node, lineage it knows, whether it has settled there (0|1), floor of the clock (ms, seq),
--       retention, how long to wait for others, how long a node counts as alive (all ms)
local lineage = string.match(redis.call('INFO', 'replication'), 'master_replid:(%x+)')
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function text(number) return string.format('%.0f', number) end

local was = redis.call('HMGET', KEYS[1], 'lineage', 'found', 'since', 'ms', 'seq', 'e', 'accepted')
local ms, seq = tonumber(was[4]) or 0, tonumber(was[5]) or 0
local found, since, last = tonumber(was[2]) or 0, tonumber(was[3]) or 0, was[6] or ''
if was[1] ~= lineage then
  found, since, last = ms, now, ''
  redis.call('HSET', KEYS[1], 'lineage', lineage, 'found', text(found), 'since', text(since))
  redis.call('HDEL', KEYS[1], 'e')
end

-- Strictly up, so that two heartbeats never tell the same place.
local floor_ms, floor_seq = tonumber(ARGV[4]), tonumber(ARGV[5])
if floor_ms > ms or (floor_ms == ms and floor_seq > seq) then ms, seq = floor_ms, floor_seq end
if now > ms then ms, seq = now, 0
elseif seq >= 4000000 then ms, seq = ms + 1, 0
else seq = seq + 1 end
redis.call('HSET', KEYS[1], 'ms', text(ms), 'seq', seq)

local settled = 0
if ARGV[2] == lineage and ARGV[3] == '1' then settled = 1 end
redis.call('HSET', KEYS[2], ARGV[1], lineage .. ' ' .. text(now) .. ' ' .. settled)

local alive, waiting = found - tonumber(ARGV[8]), 0
local nodes = redis.call('HGETALL', KEYS[2])
for i = 1, #nodes, 2 do
  local of, at, has_settled = string.match(nodes[i + 1], '^(%x+) (%d+) (%d)$')
  at = tonumber(at) or 0
  -- Whoever was not heard of for a minute is gone. The one before this lineage might still have been
  -- waited for; the next lineage begins later than now.
  if at < now - 60000 and (at < alive or of == lineage) then redis.call('HDEL', KEYS[2], nodes[i])
  elseif at >= alive and (of ~= lineage or has_settled ~= '1') then waiting = waiting + 1 end
end
if now - since > tonumber(ARGV[7]) then waiting = 0 end

redis.call('XTRIM', KEYS[3], 'MINID', '~', text(math.max(now - tonumber(ARGV[6]), 0)) .. '-0')
return {lineage, found, since, ms, seq, last, waiting, tonumber(was[7]) or 0, now}
