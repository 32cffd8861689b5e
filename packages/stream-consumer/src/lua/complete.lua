-- Finishes frames of a work queue. The acknowledgement gates the result: a processor that was declared dead meanwhile finds
-- its frame taken back, and its result is not published (fenced). Sent again because its answer was lost, it answers as before:
-- then the same record is among the results, behind the time at which the frame came into the queue.
--
-- KEYS: ledger, queue, results
-- ARGV[1], JSON: { group, capacity, events (channel), processor_id, completions: [[entry id, [name, value...]]...] }
-- Returns 1 (published) or 0 (fenced) for each completion.
--include checks
--include outstanding
--include fields
--include ids
--include outcomes
local ledger, queue, results = KEYS[1], KEYS[2], KEYS[3]
local request = cjson.decode(ARGV[1])
require_type('hash', ledger)
require_type('stream', queue, results)
require_kind('number', request, 'capacity')
require_kind('string', request, 'group', 'events')
if request.processor_id ~= nil then require_kind('string', request, 'processor_id') end
for _, completion in ipairs(request.completions) do
  require_entry_id(completion[1])
  require_record(completion[2])
end
local before, done, answers, refused = redis.call('XLEN', queue), 0, {}, {}
for i, completion in ipairs(request.completions) do
  answers[i] = redis.call('XACK', queue, request.group, completion[1])
  if answers[i] == 1 then
    redis.call('XDEL', queue, completion[1])
    add(results, completion[2])
    done = done + 1
  else
    refused[#refused + 1] = i
  end
end
if done > 0 then
  redis.call('HINCRBY', ledger, 'completed', done)
  book_out(ledger, request.group, queue, done)
  count_outcomes(ledger, 'done', request.processor_id, done)
  -- Who waits for credit waits at a full queue; a queue that wasn't full holds nobody up.
  if before >= request.capacity then
    redis.call('PUBLISH', request.events, cjson.encode({ type = 'credit', processor_id = request.processor_id, outstanding = before - done }))
  end
end

-- Results looked at, in pages, to tell a repetition from a refusal; beyond them it passes for a refusal.
local MAX_SEARCHED, PAGE = 2048, 128

-- Marks the refused completions whose record was published before.
-- Returns how many of them remain.
local function recognise()
  local wanted, from, left = {}, nil, #refused
  for _, i in ipairs(refused) do
    local id, text = request.completions[i][1], table.concat(request.completions[i][2], '\0')
    wanted[text] = wanted[text] or {}
    table.insert(wanted[text], i)
    if not from or is_after(from, id) then from = id end
  end
  -- A result is newer than the entry that it ends.
  from = string.match(from, '^%d+')
  for _ = 1, MAX_SEARCHED / PAGE do
    local page = redis.call('XRANGE', results, from, '+', 'COUNT', PAGE)
    for _, entry in ipairs(page) do
      local text = table.concat(entry[2], '\0')
      for _, i in ipairs(wanted[text] or {}) do
        answers[i] = 1
        left = left - 1
      end
      wanted[text] = nil
    end
    if left == 0 or #page < PAGE then break end
    from = '(' .. page[#page][1]
  end
  return left
end

if #refused > 0 then
  local fenced = recognise()
  if fenced > 0 then redis.call('HINCRBY', ledger, 'fenced', fenced) end
end
return answers
