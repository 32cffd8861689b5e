-- Takes the queue of a dead, replaced or leaving processor back: pending entries (they were delivered: with a `failure` that
-- counts as an attempt) and unread ones go to the retry stream. At most `limit` entries in one call; the caller repeats until
-- none is left. Call it after the processor has left the registry, or its former run was replaced: hand-off looks there.
--
-- KEYS: ledger, queue, retry, registry
-- ARGV[1], JSON: { group, completion, limit, failure: { processor_id, error, at } or nothing }
-- An empty queue that no registration names any more is deleted.
-- Returns { moved, left in the queue }
--include outstanding
--include fields
--include retry
--include ids
local ledger, queue, retry, registry = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local request = cjson.decode(ARGV[1])
require_stream(retry)
local open = open_field(request.completion, request.group, queue)
local info = group_info(queue, request.group)
local group_missing = not info

local moved, ids = 0, {}
local entries = redis.call('XRANGE', queue, '-', '+', 'COUNT', request.limit)
if #entries > 0 then
  local pending, last_delivered = {}, '0-0'
  if info then
    last_delivered = info['last-delivered-id']
    local chunk = redis.call('XPENDING', queue, request.group, '-', entries[#entries][1], info['pending'] + 1)
    for _, entry in ipairs(chunk) do pending[entry[1]] = true end
  end
  for i, entry in ipairs(entries) do
    local id, flat = entry[1], entry[2]
    ids[i] = id
    if pending[id] then
      redis.call('XACK', queue, request.group, id)
      add(retry, retry_fields(flat, request.failure))
      moved = moved + 1
    elseif is_after(id, last_delivered) then
      add(retry, flat)
      moved = moved + 1
    end -- else a client that only acknowledges has finished it
  end
  redis.call('XDEL', queue, unpack(ids))
end
if moved > 0 then
  -- Frames in a queue that the books don't know came from elsewhere (another service before this one): they enter them here.
  if redis.call('HEXISTS', ledger, open) == 1 then
    redis.call('HINCRBY', ledger, open, -moved)
  else
    redis.call('HINCRBY', ledger, 'found_in_queues', moved)
  end
  redis.call('HINCRBY', ledger, 'retried', moved)
end

local left = redis.call('XLEN', queue)
if left == 0 then
  -- Pending entries whose body somebody deleted can't come back: they are lost, and counted.
  local lost = group_missing and 0 or redis.call('XPENDING', queue, request.group)[1]
  if lost > 0 then
    local gone = {}
    for i, entry in ipairs(redis.call('XPENDING', queue, request.group, '-', '+', lost)) do gone[i] = entry[1] end
    for _, id in ipairs(gone) do redis.call('XACK', queue, request.group, id) end
    redis.call('HINCRBY', ledger, 'lost_in_queues', lost)
    redis.call('HINCRBY', ledger, open, -lost)
  end
  -- What a client that only acknowledges has finished is booked now, while the queue's own figures still tell it.
  local still_open = tonumber(redis.call('HGET', ledger, open) or '0')
  if request.completion == 'acknowledge' and still_open > 0 then
    redis.call('HINCRBY', ledger, 'completed', still_open)
    still_open = 0
  end
  if still_open == 0 then redis.call('HDEL', ledger, open) end
  local named = false
  for _, json in ipairs(redis.call('HVALS', registry)) do
    local ok, registration = pcall(cjson.decode, json)
    if ok and type(registration) == 'table' and registration.queue == queue then named = true end
  end
  if not named then redis.call('DEL', queue) end
end
return { moved, left }
