-- A heartbeat of one node in one bucket. It raises the bucket's clock, which proves as well that this
-- primary still takes writes; notices when the bucket has come to another lineage; and counts who has
-- yet to come to it, and to settle in it.
--
-- KEYS: bucket, nodes, stream
-- ARGV: node, lineage it has settled in or '', floor of the clock (ms, seq), lineage it knew last or
--       '', the clock it knew then (ms), and in ms: retention, how long before a failover a node was
--       heard of that is waited for, how long nobody brings anything back, how long who is missing is
--       waited for, and who is settling
local replid = string.match(redis.call('INFO', 'replication'), 'master_replid:(%x+)')
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function text(number) return string.format('%.0f', number) end

local was = redis.call('HMGET', KEYS[1], 'lineage', 'since', 'found', 'known', 'accepted', 'opened',
  'ms', 'seq', 'e')
local lineage, since = was[1] or '', tonumber(was[2]) or 0
local found, known = tonumber(was[3]) or 0, tonumber(was[4]) or 0
local ms, seq, last = tonumber(was[7]) or 0, tonumber(was[8]) or 0, was[9] or ''
if string.sub(lineage, 1, #replid) ~= replid then
  -- What nobody has opened is still as it was found then: a clock that was raised in between does not
  -- make an old backup a new one.
  if was[6] == '1' then found, known = ms, 0 end
  -- Where nothing was, nobody can have written.
  since = now
  if lineage == '' then since = now - ARGV[9] end
  lineage, last = replid .. ' ' .. text(now), ''
  redis.call('HSET', KEYS[1], 'lineage', lineage, 'found', text(found), 'opened', '0', 'e', '')
elseif now < since then
  since = now
end

if ARGV[5] ~= '' and ARGV[5] ~= lineage then known = math.max(known, tonumber(ARGV[6])) end
-- Strictly up, so that two heartbeats never tell the same place.
local floor_ms, floor_seq = tonumber(ARGV[3]), tonumber(ARGV[4])
if floor_ms > ms or (floor_ms == ms and floor_seq > seq) then ms, seq = floor_ms, floor_seq end
if now > ms then ms, seq = now, 0
elseif seq >= 4000000 then ms, seq = ms + 1, 0
else seq = seq + 1 end
redis.call('HSET', KEYS[1], 'ms', text(ms), 'seq', seq, 'since', text(since), 'known', text(known))

local settled = '0'
if ARGV[2] == lineage then settled = '1' end
redis.call('HSET', KEYS[2], ARGV[1],
  settled .. ' ' .. text(ms) .. ' ' .. text(now) .. ' ' .. lineage)

local age, missing, settling = now - since, 0, 0
if age < tonumber(ARGV[9]) then missing = 1 end
local alive = tonumber(ARGV[8])
local nodes = redis.call('HGETALL', KEYS[2])
for i = 1, #nodes, 2 do
  local done, clock, heard, of = string.match(nodes[i + 1], '^(%d) (%d+) (%d+) (.*)$')
  clock, heard = tonumber(clock) or 0, tonumber(heard) or 0
  if of == lineage then
    if done ~= '1' and heard >= now - alive and age <= tonumber(ARGV[11]) then
      settling = settling + 1
    end
  elseif clock >= found - alive and age <= tonumber(ARGV[10]) then
    missing = missing + 1
  end
  -- Nobody waits for it any more, whatever comes.
  if age > 60000 and heard < now - 60000 and (of == lineage or clock < found - alive) then
    redis.call('HDEL', KEYS[2], nodes[i])
  end
end
if settled == '1' and missing + settling == 0 and was[6] ~= '1' then
  redis.call('HSET', KEYS[1], 'opened', '1')
end

redis.call('XTRIM', KEYS[3], 'MINID', '~', text(math.max(now - tonumber(ARGV[7]), 0)) .. '-0')
return {lineage, found, known, tonumber(was[5]) or 0, ms, seq, last, missing, missing + settling, now}
