-- Ends frames at the orchestrator: dead letters (bad records, attempts used up) and shed frames, with their reason.
--
-- KEYS: ledger, input, retry, dead letter or shed stream
-- ARGV[1], JSON: { group, counter ('dead_lettered' | 'shed'), max_length or nothing,
--   frames: [[source (2 input, 3 retry), entry id, [name, value...] added, body as it was read, reason]...] }
-- The ledger counts them under the counter's name, and by reason under '<counter>:<reason>'.
-- Returns 1 (settled) or 0 (gone: settled by somebody else) for each frame.
--include checks
--include fields
local ledger, input, retry, target = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local request = cjson.decode(ARGV[1])
require_type('hash', ledger)
require_type('stream', input, retry, target)
for _, frame in ipairs(request.frames) do
  require_entry_id(frame[2])
  require_record(frame[3])
  if #frame[4] > 0 then require_record(frame[4]) end
  if type(frame[5]) ~= 'string' then refuse('ERR', 'a reason is no text') end
end
local answers, settled, acknowledged, by_reason = {}, 0, 0, {}
for i, frame in ipairs(request.frames) do
  local source, id = KEYS[frame[1]], frame[2]
  local flat = body(source, id) or frame[4]
  answers[i] = redis.call('XACK', source, request.group, id)
  if answers[i] == 1 then
    if frame[1] == 3 then redis.call('XDEL', source, id) else acknowledged = acknowledged + 1 end
    add(target, with_fields(flat, names_in(frame[3]), frame[3]))
    settled = settled + 1
    by_reason[frame[5]] = (by_reason[frame[5]] or 0) + 1
  end
end
if settled > 0 then
  redis.call('HINCRBY', ledger, request.counter, settled)
  for reason, count in pairs(by_reason) do redis.call('HINCRBY', ledger, request.counter .. ':' .. reason, count) end
  if acknowledged > 0 then redis.call('HINCRBY', ledger, 'acknowledged', acknowledged) end
  if request.max_length then redis.call('XTRIM', target, 'MAXLEN', '~', request.max_length) end
end
return answers
