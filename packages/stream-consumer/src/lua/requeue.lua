-- Sends dead letters again: out of the dead letter, into the retry stream, as a first attempt. The deletion gates the copy.
--
-- KEYS: ledger, dead letter, retry
-- ARGV[1], JSON: { ids }
-- Returns 1 (sent again) or 0 (no such dead letter) for each id.
--include fields
local ledger, dead_letter, retry = KEYS[1], KEYS[2], KEYS[3]
require_stream(retry)
local replaced = names('dead_letter_reason', 'dead_letter_detail', 'dead_letter_at', 'dead_letter_source', 'attempt', 'errors', 'failed_by', 'terminal')
local answers, sent = {}, 0
for i, id in ipairs(cjson.decode(ARGV[1]).ids) do
  local flat = body(dead_letter, id)
  answers[i] = flat and redis.call('XDEL', dead_letter, id) or 0
  if answers[i] == 1 then
    add(retry, with_fields(flat, replaced, { 'attempt', '1' }))
    sent = sent + 1
  end
end
if sent > 0 then redis.call('HINCRBY', ledger, 'requeued', sent) end
return answers
