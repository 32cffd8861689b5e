-- Moves a batch of frames from the input and the retry stream into work queues.
--
-- The acknowledgement on the source gates the copies: a frame is handed off exactly once, whoever claimed it meanwhile, and
-- running this twice does no harm. All copies of a frame go, or none. No queue outgrows its capacity, however many
-- orchestrators dispatch. Nothing goes to a processor that has left the registry.
--
-- KEYS: ledger, registry, input, retry, queue...
-- ARGV[1], JSON: {
--   group:   consumer group of input and retry,
--   targets: [[processor id, group, capacity, completion]...] in the order of the queues,
--   lists:   [[name, value...]...]: names that most copies of a batch share, with the values of the first such copy,
--   frames:  [source (3 input, 4 retry), entry id, number of copies, then for each copy: target (from 1), list (from 1), value...]
-- }
-- The frames lie in one flat list: a table for each would cost more than its hand-off. A value is text, or true where it is that of
-- the list. That it is nothing else is the caller's duty: to look at every one of them here would take a tenth of the time.
-- Returns { a letter for each frame, outstanding of each queue after the batch (-1: processor or queue is gone) }:
--   h handed off · f a queue is full · g gone: settled by somebody else · d a processor has left
--include checks
--include outstanding
local ledger, registry = KEYS[1], KEYS[2]
local request = cjson.decode(ARGV[1])
local group, frames = request.group, request.frames
require_type('hash', ledger, registry)
require_type('stream', KEYS[3], KEYS[4])

-- A list is the record of one copy, reused by the next: its values go between the names.
local records, firsts = request.lists, {}
for i, record in ipairs(records) do
  require_record(record)
  local first = {}
  for n = 2, #record, 2 do first[n / 2] = record[n] end
  firsts[i] = first
end

-- Where the copy after the one at this place begins.
local function next_copy(at)
  local first = firsts[frames[at + 1]]
  if not first or not request.targets[frames[at]] then refuse('ERR', 'not a list of frames') end
  return at + 2 + #first
end

-- Where the frame after the one at this place begins.
local function next_frame(at)
  local source, copies = frames[at], frames[at + 2]
  if source ~= 3 and source ~= 4 or type(copies) ~= 'number' then refuse('ERR', 'not a list of frames') end
  require_entry_id(frames[at + 1])
  at = at + 3
  for _ = 1, copies do at = next_copy(at) end
  return at
end

local starts, at, total = {}, 1, #frames
while at <= total do
  starts[#starts + 1] = at
  at = next_frame(at)
end
if at ~= total + 1 then refuse('ERR', 'not a list of frames') end

-- Places are counted by key, because two targets may share a queue.
local queues, places = {}, {}
for i, target in ipairs(request.targets) do
  local key = KEYS[4 + i]
  local present = redis.call('HEXISTS', registry, target[1]) == 1
  if present and not places[key] then places[key] = { taken = outstanding(key, target[2], target[4]) } end
  queues[i] = {
    key = key, open = open_field(target[4], target[2], key), capacity = target[3], added = 0,
    place = present and places[key] or { taken = -1 },
  }
end

local function release(at, count)
  for _ = 1, count do
    local place = queues[frames[at]].place
    place.taken = place.taken - 1
    at = next_copy(at)
  end
end

local function add_copy(at)
  local queue, list = queues[frames[at]], frames[at + 1]
  local record, first, values, before = records[list], firsts[list], frames, at + 1
  for i = 1, #first do
    local value = values[before + i]
    if value == true then value = first[i] end
    record[2 * i] = value
  end
  redis.call('XADD', queue.key, '*', unpack(record))
  queue.added = queue.added + 1
end

-- Takes a place in each queue that the copies go to; gives the places back unless there is one in all of them.
local function reserve(at, copies)
  -- Without a copy an acknowledgement would end the frame.
  if copies == 0 then return 'd' end
  local next = at
  for c = 1, copies do
    local queue = queues[frames[next]]
    local place = queue.place
    local refusal = place.taken < 0 and 'd' or place.taken >= queue.capacity and 'f'
    if refusal then
      release(at, c - 1)
      return refusal
    end
    place.taken = place.taken + 1
    next = next_copy(next)
  end
end

local handed, copied, acknowledged = 0, 0, 0

local function hand_off(at)
  local source, id, copies = frames[at], frames[at + 1], frames[at + 2]
  local copy = at + 3
  local refusal = reserve(copy, copies)
  if refusal then return refusal end
  if redis.call('XACK', KEYS[source], group, id) == 0 then
    release(copy, copies)
    return 'g'
  end
  if source == 4 then redis.call('XDEL', KEYS[source], id) else acknowledged = acknowledged + 1 end
  for _ = 1, copies do
    add_copy(copy)
    copy = next_copy(copy)
  end
  handed, copied = handed + 1, copied + copies
  return 'h'
end

local outcomes = {}
for f, start in ipairs(starts) do outcomes[f] = hand_off(start) end

if handed > 0 then
  redis.call('HINCRBY', ledger, 'acknowledged', acknowledged)
  redis.call('HINCRBY', ledger, 'handed_off', copied)
  if copied > handed then redis.call('HINCRBY', ledger, 'fanout', copied - handed) end
end
local counts = {}
for i, queue in ipairs(queues) do
  if queue.added > 0 then redis.call('HINCRBY', ledger, queue.open, queue.added) end
  counts[i] = queue.place.taken
end
return { table.concat(outcomes), counts }
