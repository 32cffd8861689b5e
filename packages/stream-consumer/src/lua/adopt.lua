-- Takes over the pending entries of a consumer that is gone (or, after a broken connection, one's own: consumer = heir), and
-- removes its name once nothing is pending. Entries whose body was deleted meanwhile are lost: acknowledged and counted.
--
-- KEYS: ledger, stream
-- ARGV[1], JSON: { group, consumer, heir, after (id: continue behind it), limit, counter (ledger field for what is lost),
--   acknowledged (true where the stream is the input) }
-- Returns { entries [[id, fields]...], id to continue behind or '' when all were seen, lost }
--include checks
--include fields
local ledger, stream = KEYS[1], KEYS[2]
local request = cjson.decode(ARGV[1])
require_type('hash', ledger)
local pending = redis.call('XPENDING', stream, request.group, '(' .. request.after, '+', request.limit, request.consumer)
local entries, lost = {}, 0
for _, item in ipairs(pending) do
  local id = item[1]
  local flat = body(stream, id)
  if flat then
    if request.consumer ~= request.heir then redis.call('XCLAIM', stream, request.group, request.heir, 0, id, 'JUSTID') end
    entries[#entries + 1] = { id, flat }
  elseif redis.call('XACK', stream, request.group, id) == 1 then
    lost = lost + 1
  end
end
if lost > 0 then
  redis.call('HINCRBY', ledger, request.counter, lost)
  if request.acknowledged then redis.call('HINCRBY', ledger, 'acknowledged', lost) end
end
local last = pending[#pending]
local more = #pending == request.limit
if not more and request.consumer ~= request.heir then
  local left = redis.call('XPENDING', stream, request.group, '-', '+', 1, request.consumer)
  if #left == 0 then redis.call('XGROUP', 'DELCONSUMER', stream, request.group, request.consumer) end
end
return { entries, more and last[1] or '', lost }
