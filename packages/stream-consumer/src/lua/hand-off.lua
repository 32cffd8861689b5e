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
--   names:   [[name...]...]: lists of names, because most copies of a batch have the same ones,
--   frames:  [[source (3 input, 4 retry), entry id, [[target (from 1), list of names (from 1), [value...]]...]]...]
-- }
-- Returns { a letter for each frame, outstanding of each queue after the batch (-1: processor or queue is gone) }:
--   h handed off · f a queue is full · g gone: settled by somebody else · d a processor has left
--include checks
--include outstanding
local ledger, registry = KEYS[1], KEYS[2]
local request = cjson.decode(ARGV[1])
local group = request.group
require_type('hash', ledger, registry)
require_type('stream', KEYS[3], KEYS[4])

-- The fields of one copy, reused by the next: its values go between the names.
local records = {}
for i, names in ipairs(request.names) do
  local record = {}
  for n, name in ipairs(names) do record[2 * n - 1] = name end
  records[i] = record
end

local function require_values(names, values)
  if not names or #values == 0 or #values ~= #names then refuse('ERR', 'a record is no list of names and values') end
  for i = 1, #values do
    if type(values[i]) ~= 'string' then refuse('ERR', 'a record is no list of names and values') end
  end
end

for _, frame in ipairs(request.frames) do
  require_entry_id(frame[2])
  for _, copy in ipairs(frame[3]) do require_values(request.names[copy[2]], copy[3]) end
end

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

local function release(copies, count)
  for c = 1, count do
    local place = queues[copies[c][1]].place
    place.taken = place.taken - 1
  end
end

local function add_copy(queue, copy)
  local record, values = records[copy[2]], copy[3]
  for i = 1, #values do record[2 * i] = values[i] end
  redis.call('XADD', queue.key, '*', unpack(record, 1, 2 * #values))
  queue.added = queue.added + 1
end

-- Takes a place in each queue that the copies go to; gives the places back unless there is one in all of them.
local function reserve(copies)
  -- Without a copy an acknowledgement would end the frame.
  if #copies == 0 then return 'd' end
  for c, copy in ipairs(copies) do
    local queue = queues[copy[1]]
    local place = queue.place
    local refusal = place.taken < 0 and 'd' or place.taken >= queue.capacity and 'f'
    if refusal then
      release(copies, c - 1)
      return refusal
    end
    place.taken = place.taken + 1
  end
end

local handed, copied, acknowledged = 0, 0, 0

local function hand_off(frame)
  local source, id, copies = KEYS[frame[1]], frame[2], frame[3]
  local refusal = reserve(copies)
  if refusal then return refusal end
  if redis.call('XACK', source, group, id) == 0 then
    release(copies, #copies)
    return 'g'
  end
  if frame[1] == 4 then redis.call('XDEL', source, id) else acknowledged = acknowledged + 1 end
  for _, copy in ipairs(copies) do add_copy(queues[copy[1]], copy) end
  handed, copied = handed + 1, copied + #copies
  return 'h'
end

local outcomes = {}
for f, frame in ipairs(request.frames) do outcomes[f] = hand_off(frame) end

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
