-- Creates streams and groups where they are missing and opens the ledger, once. What the group had settled before the books
-- were opened is not counted (`base`). Safe to run at any time, by any number of orchestrators.
-- Refused (HANDEDBACK) where a cutover was undone: a group that is made again would read what the older service has done.
--
-- KEYS: ledger, input, retry, saved (of a cutover)
-- ARGV[1], JSON: { group, at }
-- Returns 1 where the books were opened now.
--include checks
--include outstanding
--include input
local ledger, input, retry, saved = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local request = cjson.decode(ARGV[1])
require_type('hash', ledger, saved)
require_type('stream', input, retry)
-- An orchestrator that stood still while it was undone finds its group gone when it goes on.
local cutover = redis.call('HMGET', saved, 'state', 'group', 'old_group')
if cutover[1] == 'restored' and cutover[2] == request.group and not group_info(input, request.group) then
  refuse('HANDEDBACK', input .. ' was handed back to the group ' .. cutover[3] .. ' by undoing the cutover, and is its own until the next'
    .. ' cutover (or until ' .. saved .. ' is deleted)')
end
for _, stream in ipairs({ input, retry }) do
  if not group_info(stream, request.group) then redis.call('XGROUP', 'CREATE', stream, request.group, '0', 'MKSTREAM') end
end
local function counted(name) return tonumber(redis.call('HGET', ledger, name) or '0') end
local stream = stream_info(input)
local added = stream['entries-added']
if redis.call('HEXISTS', ledger, 'opened_at') == 1 then
  follow_input(ledger, counted, added)
  return 0
end
-- A ledger may have counters already: somebody deleted it while frames were moving. What is in the retry stream came from before.
if redis.call('EXISTS', ledger) == 0 then redis.call('HSET', ledger, 'found_in_queues', redis.call('XLEN', retry)) end
local settled = counted('acknowledged') + counted('lost_upstream')
redis.call('HSET', ledger, 'opened_at', request.at, 'added_seen', added,
  'base', added - settled - outstanding(input, request.group, 'acknowledge'),
  'removed_before', added - stream['length'] - counted('trimmed'))
return 1
