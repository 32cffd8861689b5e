-- Takes the place of another consumer group on the input: its position and its pending entries go to our group, whose orchestrators
-- adopt them, and it is removed. All of it or nothing; what it was is kept in `saved`, from which `hand-back` makes it again.
-- Safe to run twice: once it is done, what was saved is told again.
--
-- KEYS: ledger, input, saved
-- ARGV[1], JSON: { old_group, group, holder (the consumer that holds the entries until they are adopted), min_idle_ms, at, commit (or only look) }
-- Returns JSON: { refused: [[reason, detail]...] } or { taken: { old_group, position, unread, at, pending: [[id, consumer, idle ms, deliveries]...],
--   gone: [ids whose record was deleted], consumers: [names] }, committed }
--include checks
--include outstanding
--include input
--include groups
local ledger, input, saved = KEYS[1], KEYS[2], KEYS[3]
local request = cjson.decode(ARGV[1])
require_type('hash', ledger, saved)
require_type('stream', input)

-- A list stays a list where it is empty.
local function list_json(list)
  return #list == 0 and '[]' or cjson.encode(list)
end
local function reply(taken, committed)
  return '{"taken":' .. taken .. ',"committed":' .. tostring(committed) .. '}'
end

if redis.call('HGET', saved, 'state') == 'taken' and redis.call('HGET', saved, 'old_group') == request.old_group then
  return reply(redis.call('HGET', saved, 'taken'), true)
end

local refused = {}
local function refuse_if(condition, reason, detail)
  if condition then refused[#refused + 1] = { reason, tostring(detail or '') } end
end

local old, ours = group_info(input, request.old_group), group_info(input, request.group)
if not old then return cjson.encode({ refused = { { 'no_such_group', request.old_group } } }) end
local consumers = {}
for i, flat in ipairs(redis.call('XINFO', 'CONSUMERS', input, request.old_group)) do
  local consumer = {}
  for f = 1, #flat, 2 do consumer[flat[f]] = flat[f + 1] end
  consumers[i] = consumer.name
  refuse_if(consumer.idle < request.min_idle_ms, 'consumer_active', consumer.name .. ' ' .. consumer.idle)
end
if ours then
  refuse_if(ours['last-delivered-id'] ~= '0-0' or ours['pending'] > 0, 'group_in_use', request.group)
  for _, flat in ipairs(redis.call('XINFO', 'CONSUMERS', input, request.group)) do refuse_if(true, 'group_has_consumers', flat[2]) end
end
refuse_if(redis.call('HEXISTS', ledger, 'opened_at') == 1, 'books_open', ledger)
if #refused > 0 then return cjson.encode({ refused = refused }) end

local position = old['last-delivered-id']
local pending, gone, claimable = {}, {}, {}
if old['pending'] > 0 then
  for _, entry in ipairs(redis.call('XPENDING', input, request.old_group, '-', '+', old['pending'])) do
    if #redis.call('XRANGE', input, entry[1], entry[1]) == 0 then
      gone[#gone + 1] = entry[1]
    else
      pending[#pending + 1] = entry
    end
  end
end
local taken = string.format(
  '{"old_group":%s,"position":%s,"unread":%d,"at":%s,"pending":%s,"gone":%s,"consumers":%s}',
  cjson.encode(request.old_group), cjson.encode(position), count_unread(input, old), cjson.encode(request.at),
  list_json(pending), list_json(gone), list_json(consumers))
if not request.commit then return reply(taken, false) end

-- The first write may be refused (a full memory); nothing has changed then.
redis.call('HSET', saved, 'state', 'taken', 'old_group', request.old_group, 'group', request.group, 'taken', taken)
move_group(input, ours, request.group, position, old['entries-read'])
for _, entry in ipairs(pending) do claim(input, request.group, request.holder, entry) end
local moved = redis.call('XPENDING', input, request.group)[1]
if moved ~= #pending then
  redis.call('XGROUP', 'DESTROY', input, request.group)
  redis.call('DEL', saved)
  refuse('ERR', moved .. ' of ' .. #pending .. ' pending entries could be taken over')
end
redis.call('XGROUP', 'DESTROY', input, request.old_group)
return reply(taken, true)
