-- Creates streams and groups where they are missing and opens the ledger, once. What the group had settled before the books
-- were opened is not counted (`base`). What waits in the retry stream and in the queues of the registry came from before: it enters
-- the books here. Safe to run at any time, by any number of orchestrators.
-- Refused (HANDEDBACK) where a cutover was undone: a group that is made again would read what the older service has done.
--
-- KEYS: ledger, input, retry, saved (of a cutover), registry
-- ARGV[1], JSON: { group, at }
-- Returns 1 where the books were opened now.
--include checks
--include outstanding
--include input
local ledger, input, retry, saved, registry = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local request = cjson.decode(ARGV[1])
require_type('hash', ledger, saved, registry)
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

-- Queues as the registry names them, with what is outstanding in them, under the names that the ledger has for them.
local waiting, open = redis.call('XLEN', retry), {}
for _, json in ipairs(redis.call('HVALS', registry)) do
  local ok, of = pcall(cjson.decode, json)
  if ok and type(of) == 'table' and type(of.queue) == 'string' and type(of.group) == 'string'
    and (of.completion == 'delete' or of.completion == 'acknowledge') then
    local count = outstanding(of.queue, of.group, of.completion, true)
    if count > 0 then
      waiting = waiting + count
      open[#open + 1], open[#open + 2] = open_field(of.completion, of.group, of.queue), count
    end
  end
end
-- A ledger may have counters already: somebody deleted it while frames were moving. What they don't explain came from before.
local ended = counted('completed') + counted('dead_lettered') - counted('requeued') + counted('shed') + counted('lost_pending')
  + counted('lost_in_queues')
local from_before = waiting + ended - counted('acknowledged') - counted('fanout')
local settled = counted('acknowledged') + counted('lost_upstream')
redis.call('HSET', ledger, 'opened_at', request.at, 'added_seen', added,
  'base', added - settled - outstanding(input, request.group, 'acknowledge'),
  'removed_before', added - stream['length'] - counted('trimmed'),
  'found_in_queues', math.max(0, from_before))
for i = 1, #open, 2 do redis.call('HSET', ledger, open[i], open[i + 1]) end
-- What is missing instead was finished by clients that only acknowledge, and that nobody counts.
if from_before < 0 then redis.call('HINCRBY', ledger, 'completed', -from_before) end
return 1
