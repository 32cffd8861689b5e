-- Takes the queue of a dead, replaced or leaving processor back: pending entries (they were delivered: with a `failure` that
-- counts as an attempt) and unread ones go to the retry stream. At most `limit` entries in one call; the caller repeats until
-- none is left. Nothing is taken from a queue that a registration names: whoever it belongs to now found it empty, and has what lies
-- there. An emptied queue is deleted.
--
-- KEYS: ledger, queue, retry, registry
-- ARGV[1], JSON: { group, completion, limit, failure: { processor_id, error, at } or nothing }
-- Returns { moved, left to take back }
--include checks
--include outstanding
--include fields
--include retry
--include ids
--include input
local ledger, queue, retry, registry = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local request = cjson.decode(ARGV[1])
require_type('hash', ledger, registry)
require_type('stream', queue, retry)

for _, json in ipairs(redis.call('HVALS', registry)) do
  local ok, registration = pcall(cjson.decode, json)
  if ok and type(registration) == 'table' and registration.queue == queue then return { 0, 0 } end
end

-- The queue may have changed hands with frames in it, so it may be open under several names. What is taken out goes off the one
-- that was asked for, where it exists.
local own, open, only_acknowledged = open_field(request.completion, request.group, queue), {}, request.completion == 'acknowledge'
for _, name in ipairs(redis.call('HKEYS', ledger)) do
  local completion, of = string.match(name, '^open:(%a+):[^:]+:(.+)$')
  if of == queue then
    open[#open + 1] = name
    if completion == 'acknowledge' then only_acknowledged = true end
    if name == own then open[1], open[#open] = name, open[1] end
  end
end
local function take_out(count)
  if count > 0 and open[1] then redis.call('HINCRBY', ledger, open[1], -count) end
end

local info, others = nil, {}
for _, group in ipairs(groups_of(queue)) do
  if group['name'] == request.group then info = group else others[#others + 1] = group['name'] end
end
local last_delivered = info and info['last-delivered-id'] or '0-0'
local count, not_acknowledged = 0, 0
if info then count, not_acknowledged = outstanding(queue, request.group, 'acknowledge', true) end

local moved, ids, records = 0, {}, {}
local entries = redis.call('XRANGE', queue, '-', '+', 'COUNT', request.limit)
local last = entries[#entries]
if last then
  local pending = {}
  if info then
    local chunk = redis.call('XPENDING', queue, request.group, '-', last[1], info['pending'] + 1)
    for _, entry in ipairs(chunk) do pending[entry[1]] = true end
  end
  for i, entry in ipairs(entries) do
    local id, flat = entry[1], entry[2]
    ids[i] = id
    if pending[id] then
      records[i] = retry_fields(flat, request.failure)
    elseif is_after(id, last_delivered) then
      records[i] = flat
    end -- else a client that only acknowledges has finished it
    if records[i] then require_record(records[i]) end
  end
  for i, id in ipairs(ids) do
    if records[i] then
      if pending[id] then redis.call('XACK', queue, request.group, id) end
      -- A run under another group may hold it as well: its result will be refused.
      for _, other in ipairs(others) do redis.call('XACK', queue, other, id) end
      add(retry, records[i])
      moved = moved + 1
    end
  end
  redis.call('XDEL', queue, unpack(ids))
end
if moved > 0 then
  -- Frames in a queue that the books don't know came from elsewhere (another service before this one): they enter them here.
  if open[1] then take_out(moved) else redis.call('HINCRBY', ledger, 'found_in_queues', moved) end
  redis.call('HINCRBY', ledger, 'retried', moved)
end

local left = redis.call('XLEN', queue)
if only_acknowledged and not_acknowledged > count then
  -- Somebody removed entries unread: without this they would pass for finished.
  redis.call('HINCRBY', ledger, 'lost_in_queues', not_acknowledged - count)
  take_out(not_acknowledged - count)
end
if info and last then
  -- Deleting unread entries would leave Redis' lag too large for ever.
  local beyond = is_after(last[1], last_delivered)
  local unread = beyond and left or count - info['pending']
  redis.call('XGROUP', 'SETID', queue, request.group, beyond and last[1] or last_delivered,
    'ENTRIESREAD', stream_info(queue)['entries-added'] - unread)
end

if left == 0 then
  -- Pending entries whose body somebody deleted can't come back: they are lost, and counted.
  local lost = info and redis.call('XPENDING', queue, request.group)[1] or 0
  if lost > 0 then
    local gone = {}
    for i, entry in ipairs(redis.call('XPENDING', queue, request.group, '-', '+', lost)) do gone[i] = entry[1] end
    for _, id in ipairs(gone) do redis.call('XACK', queue, request.group, id) end
    redis.call('HINCRBY', ledger, 'lost_in_queues', lost)
    take_out(lost)
  end
  -- What a client that only acknowledges has finished is booked now, while the queue's own figures still tell it.
  local still_open = 0
  for _, name in ipairs(open) do still_open = still_open + tonumber(redis.call('HGET', ledger, name)) end
  if only_acknowledged and still_open > 0 then
    redis.call('HINCRBY', ledger, 'completed', still_open)
    still_open = 0
  end
  if still_open == 0 and open[1] then redis.call('HDEL', ledger, unpack(open)) end
  redis.call('DEL', queue)
end
return { moved, left }
