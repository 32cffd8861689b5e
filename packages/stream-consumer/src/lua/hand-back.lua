-- Undoes `take-over`: the old group is made again and ours removed, in one step. What the new service has settled meanwhile stays
-- settled: the old group goes on where ours stands, and its pending entries are those it had that ours hasn't settled, each with
-- the consumer, idle time and deliveries it had. What only ours has read would be pending for nobody who asks: it goes into the
-- input again, behind what is there, as do the frames of the retry stream, so that the old group reads it as new. The ledger ends;
-- frames in work queues stay there, and their processors finish them. Safe to run twice.
--
-- KEYS: ledger, input, saved, retry
-- ARGV[1], JSON: { lease_prefix (of orchestrators' keys), at, commit (or only look) }
-- Returns JSON: { refused: [[reason, detail]...] } or { restored: { old_group, position, unread, at, pending: [[id, consumer, idle ms, deliveries]...],
--   settled: [ids that were taken over and are done], again (frames that only ours had read), gone: [ids of those whose record
--   was deleted], returned (frames from the retry stream) }, committed }
--include checks
--include fields
--include outstanding
--include input
--include groups
local ledger, input, saved, retry = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local request = cjson.decode(ARGV[1])
require_type('hash', ledger, saved)
require_type('stream', input, retry)

local function list_json(list)
  return #list == 0 and '[]' or cjson.encode(list)
end
local state = redis.call('HGET', saved, 'state')
if state == 'restored' then return '{"restored":' .. redis.call('HGET', saved, 'restored') .. ',"committed":true}' end
if state ~= 'taken' then return cjson.encode({ refused = { { 'nothing_taken', saved } } }) end

local taken, group = cjson.decode(redis.call('HGET', saved, 'taken')), redis.call('HGET', saved, 'group')
local refused = {}
local ours = group_info(input, group)
if not ours then refused[1] = { 'no_such_group', group } end
if group_info(input, taken.old_group) then refused[#refused + 1] = { 'old_group_exists', taken.old_group } end
-- Whether an orchestrator lives is told by its lease: a blocked read leaves no trace in the group.
for _, stream in ipairs({ input, retry }) do
  local consumers = redis.pcall('XINFO', 'CONSUMERS', stream, group)
  for _, flat in ipairs(consumers.err and {} or consumers) do
    local lease = redis.call('GET', request.lease_prefix .. flat[2])
    if lease then refused[#refused + 1] = { 'orchestrator_alive', lease } end
  end
end
if #refused > 0 then return cjson.encode({ refused = refused }) end

local former = {}
for _, entry in ipairs(taken.pending) do former[entry[1]] = entry end
local pending, again, gone = {}, {}, {}
if ours['pending'] > 0 then
  for _, entry in ipairs(redis.call('XPENDING', input, group, '-', '+', ours['pending'])) do
    local id = entry[1]
    local flat = not former[id] and body(input, id)
    if former[id] then pending[#pending + 1] = former[id] elseif flat then again[#again + 1] = flat else gone[#gone + 1] = id end
    former[id] = nil
  end
end
local settled = {}
for _, entry in ipairs(taken.pending) do
  if former[entry[1]] then settled[#settled + 1] = entry[1] end
end
local waiting = redis.call('XRANGE', retry, '-', '+')
local restored = string.format(
  '{"old_group":%s,"position":%s,"unread":%d,"at":%s,"pending":%s,"settled":%s,"again":%d,"gone":%s,"returned":%d}',
  cjson.encode(taken.old_group), cjson.encode(ours['last-delivered-id']), count_unread(input, ours), cjson.encode(request.at),
  list_json(pending), list_json(settled), #again, list_json(gone), #waiting)
if not request.commit then return '{"restored":' .. restored .. ',"committed":false}' end

redis.call('HSET', saved, 'state', 'restored', 'restored', restored)
move_group(input, nil, taken.old_group, ours['last-delivered-id'], ours['entries-read'])
for _, consumer in ipairs(taken.consumers) do redis.call('XGROUP', 'CREATECONSUMER', input, taken.old_group, consumer) end
for _, entry in ipairs(pending) do claim(input, taken.old_group, entry[2], entry) end
for _, flat in ipairs(again) do add(input, flat) end
for _, entry in ipairs(waiting) do add(input, entry[2]) end
redis.call('DEL', retry, ledger)
redis.call('XGROUP', 'DESTROY', input, group)
return '{"restored":' .. restored .. ',"committed":true}'
