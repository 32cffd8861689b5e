-- A processor gives one frame back: failed (counted as an attempt, with its error) or merely not processed (leaving).
-- The acknowledgement gates the copy, so a frame that was taken back meanwhile is not doubled.
--
-- KEYS: ledger, queue, retry
-- ARGV[1], JSON: { group, id, failure: { processor_id, error, at, terminal } or nothing, events or nothing }
-- Returns 1 (given back) or 0 (it isn't ours any more, or this was sent before).
--include checks
--include outstanding
--include fields
--include retry
--include outcomes
local ledger, queue, retry = KEYS[1], KEYS[2], KEYS[3]
local request = cjson.decode(ARGV[1])
require_type('hash', ledger)
require_type('stream', queue, retry)
require_entry_id(request.id)
require_kind('string', request, 'group')
if request.events ~= nil then require_kind('string', request, 'events') end
local failure = request.failure ~= cjson.null and request.failure or nil
if failure then require_failure(failure) end
local flat = body(queue, request.id)
local record = flat and retry_fields(flat, failure)
if record then require_record(record) end
if redis.call('XACK', queue, request.group, request.id) == 0 then return 0 end
book_out(ledger, request.group, queue, 1)
if not record then
  redis.call('HINCRBY', ledger, 'lost_in_queues', 1)
  return 1
end
redis.call('XDEL', queue, request.id)
add(retry, record)
redis.call('HINCRBY', ledger, 'retried', 1)
if failure then
  local id = failure.processor_id
  local failed = count_outcomes(ledger, 'failed', id, 1)
  local completed = tonumber(redis.call('HGET', ledger, outcomes_field('done', id)) or '0')
  local notice = { type = 'outcome', processor_id = id, completed = completed, failed = failed,
    outstanding = redis.call('XLEN', queue) }
  if request.events then redis.call('PUBLISH', request.events, cjson.encode(notice)) end
end
return 1
