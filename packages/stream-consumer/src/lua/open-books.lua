-- Creates streams and groups where they are missing and opens the ledger, once. What the group had settled before the books
-- were opened is not counted (`base`). Safe to run at any time, by any number of orchestrators.
--
-- KEYS: ledger, input, retry
-- ARGV[1], JSON: { group, at }
-- Returns 1 where the books were opened now.
--include outstanding
local ledger, input, retry = KEYS[1], KEYS[2], KEYS[3]
local request = cjson.decode(ARGV[1])
for _, stream in ipairs({ input, retry }) do
  if not group_info(stream, request.group) then redis.call('XGROUP', 'CREATE', stream, request.group, '0', 'MKSTREAM') end
end
if redis.call('HEXISTS', ledger, 'opened_at') == 1 then return 0 end
local stream = {}
local reply = redis.call('XINFO', 'STREAM', input)
for i = 1, #reply, 2 do stream[reply[i]] = reply[i + 1] end
local base = stream['entries-added'] - outstanding(input, request.group, 'acknowledge')
redis.call('HSET', ledger, 'opened_at', request.at, 'base', base, 'removed_before', stream['entries-added'] - stream['length'])
return 1
