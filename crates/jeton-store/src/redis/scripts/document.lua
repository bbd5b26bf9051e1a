-- Replaces a document, if it is still the one that was read.
-- KEYS: the document. ARGV: its revision as read ("" for none), the new revision, the new bytes.
if (redis.call('HGET', KEYS[1], 'revision') or '') ~= ARGV[1] then
  return 0
end
redis.call('HSET', KEYS[1], 'revision', ARGV[2], 'bytes', ARGV[3])
return 1
