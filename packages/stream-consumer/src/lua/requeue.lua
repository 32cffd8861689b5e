-- Sends dead letters again: out of the dead letter, into the retry stream, as a first attempt. The deletion gates the copy.
--
-- KEYS: ledger, dead letter, retry
-- ARGV[1], JSON: { ids }
-- Returns 1 (sent again) or 0 (no such dead letter) for each id.
--include checks
--include fields
local ledger, dead_letter, retry = KEYS[1], KEYS[2], KEYS[3]
require_type('hash', ledger)
require_type('stream', dead_letter, retry)
local replaced = names('dead_letter_reason', 'dead_letter_detail', 'dead_letter_at', 'dead_letter_source', 'attempt', 'errors', 'failed_by', 'terminal')
-- Of one that was never handed off only its publisher can have said for which capability it is a copy: nobody goes by that.
local replaced_where_new = names('capability', 'enqueued_at', 'dispatched_by')
for name in pairs(replaced) do replaced_where_new[name] = true end
local answers, sent = {}, 0
for i, id in ipairs(cjson.decode(ARGV[1]).ids) do
  local flat = is_entry_id(id) and body(dead_letter, id)
  answers[i] = flat and redis.call('XDEL', dead_letter, id) or 0
  if answers[i] == 1 then
    local is_new = field(flat, 'dead_letter_source') == 'input'
    add(retry, with_fields(flat, is_new and replaced_where_new or replaced, { 'attempt', '1' }))
    sent = sent + 1
  end
end
if sent > 0 then
  local requeued = redis.call('HINCRBY', ledger, 'requeued', sent)
  -- Dead letters that the books don't know came from elsewhere: they enter them here.
  local unknown = requeued - tonumber(redis.call('HGET', ledger, 'dead_lettered') or '0')
  if unknown > 0 then
    redis.call('HINCRBY', ledger, 'requeued', -unknown)
    redis.call('HINCRBY', ledger, 'found_in_queues', unknown)
  end
end
return answers
