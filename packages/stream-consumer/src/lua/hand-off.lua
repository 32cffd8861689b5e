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
--   frames:  [[source (3 input, 4 retry), entry id, [[target (from 1), [name, value...]]...]]...]: each copy with all its fields
-- }
-- Returns { a letter for each frame, outstanding of each queue after the batch (-1: processor or queue is gone) }:
--   h handed off · f a queue is full · g gone: settled by somebody else · d a processor has left
--include outstanding
--include fields
local ledger, registry = KEYS[1], KEYS[2]
local request = cjson.decode(ARGV[1])
local group = request.group

local queues = {}
for i, target in ipairs(request.targets) do
  local key, count = KEYS[4 + i], -1
  local kind = redis.call('TYPE', key).ok
  if (kind == 'stream' or kind == 'none') and redis.call('HEXISTS', registry, target[1]) == 1 then count = outstanding(key, target[2], target[4]) end
  queues[i] = { key = key, open = open_field(target[4], target[2], key), capacity = target[3], count = count, added = 0 }
end

-- Takes a place in each queue that the copies go to; gives the places back unless there is one in all of them.
local function reserve(copies)
  for c, copy in ipairs(copies) do
    local queue = queues[copy[1]]
    local refusal = queue.count < 0 and 'd' or queue.count >= queue.capacity and 'f'
    if refusal then
      for back = 1, c - 1 do queues[copies[back][1]].count = queues[copies[back][1]].count - 1 end
      return refusal
    end
    queue.count = queue.count + 1
  end
end

local function release(copies)
  for _, copy in ipairs(copies) do queues[copy[1]].count = queues[copy[1]].count - 1 end
end

local handed, copied, acknowledged = 0, 0, 0

local function hand_off(frame)
  local source, id, copies = KEYS[frame[1]], frame[2], frame[3]
  local refusal = reserve(copies)
  if refusal then return refusal end
  if redis.call('XACK', source, group, id) == 0 then
    release(copies)
    return 'g'
  end
  if frame[1] == 4 then redis.call('XDEL', source, id) else acknowledged = acknowledged + 1 end
  for _, copy in ipairs(copies) do
    local queue = queues[copy[1]]
    add(queue.key, copy[2])
    queue.added = queue.added + 1
  end
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
  counts[i] = queue.count
end
return { table.concat(outcomes), counts }
