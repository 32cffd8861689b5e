-- Reads entries again that are pending for this consumer and were not kept in memory. Those whose body was deleted meanwhile are
-- lost: acknowledged and counted.
--
-- KEYS: ledger, stream
-- ARGV[1], JSON: { group, ids, counter (ledger field for what is lost), acknowledged (true where the stream is the input) }
-- Returns { entries [[id, fields]...], ids lost }
--include checks
--include fields
local ledger, stream = KEYS[1], KEYS[2]
local request = cjson.decode(ARGV[1])
require_type('hash', ledger)
require_type('stream', stream)
for _, id in ipairs(request.ids) do require_entry_id(id) end
local entries, lost, booked = {}, {}, 0
for _, id in ipairs(request.ids) do
  local flat = body(stream, id)
  if flat then
    entries[#entries + 1] = { id, flat }
  else
    lost[#lost + 1] = id
    if redis.call('XACK', stream, request.group, id) == 1 then booked = booked + 1 end
  end
end
if booked > 0 then
  redis.call('HINCRBY', ledger, request.counter, booked)
  if request.acknowledged then redis.call('HINCRBY', ledger, 'acknowledged', booked) end
end
return { entries, lost }
