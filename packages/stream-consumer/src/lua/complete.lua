-- Finishes frames of a work queue. The acknowledgement gates the result: a processor that was declared dead meanwhile finds
-- its frame taken back, and its result is not published (fenced).
--
-- KEYS: ledger, queue, results
-- ARGV[1], JSON: { group, capacity, events (channel), processor_id, completions: [[entry id, [name, value...]]...] }
-- Returns 1 (published) or 0 (fenced) for each completion.
--include checks
--include outstanding
--include fields
local ledger, queue, results = KEYS[1], KEYS[2], KEYS[3]
local request = cjson.decode(ARGV[1])
require_type('hash', ledger)
require_type('stream', queue, results)
for _, completion in ipairs(request.completions) do
  require_entry_id(completion[1])
  require_record(completion[2])
end
local before, done, answers = redis.call('XLEN', queue), 0, {}
for i, completion in ipairs(request.completions) do
  answers[i] = redis.call('XACK', queue, request.group, completion[1])
  if answers[i] == 1 then
    redis.call('XDEL', queue, completion[1])
    add(results, completion[2])
    done = done + 1
  end
end
if done > 0 then
  redis.call('HINCRBY', ledger, 'completed', done)
  book_out(ledger, request.group, queue, done)
  -- Who waits for credit waits at a full queue; a queue that wasn't full holds nobody up.
  if before >= request.capacity then
    redis.call('PUBLISH', request.events, cjson.encode({ type = 'credit', processor_id = request.processor_id, outstanding = before - done }))
  end
end
if done < #answers then redis.call('HINCRBY', ledger, 'fenced', #answers - done) end
return answers
