-- Reads everything that the books are made of at one moment, and books what publishers trimmed away unread.
--
-- KEYS: ledger, input, retry, queue...
-- ARGV[1], JSON: { group, queues: [[group, completion]...] in the order of the queues, max_counted }
-- Returns { captured so far, length of the input, pending, unread (-1: can't be told now), waiting retry,
--   [outstanding of each queue, -1 where it doesn't exist], ledger as [name, value...] }
--include outstanding
--include ids
local ledger, input, retry = KEYS[1], KEYS[2], KEYS[3]
local request = cjson.decode(ARGV[1])
local info = group_info(input, request.group)
local ledger_fields = {}
local flat = redis.call('HGETALL', ledger)
for i = 1, #flat, 2 do ledger_fields[flat[i]] = flat[i + 1] end
local function counted(name) return tonumber(ledger_fields[name] or '0') end

local queues = {}
for i, queue in ipairs(request.queues) do queues[i] = outstanding(KEYS[3 + i], queue[1], queue[2]) end
local waiting = redis.call('XLEN', retry)
if not info or not ledger_fields['opened_at'] then return { -1, 0, 0, -1, waiting, queues, flat } end

local stream = {}
local reply = redis.call('XINFO', 'STREAM', input)
for i = 1, #reply, 2 do stream[reply[i]] = reply[i + 1] end
local added, length, pending = stream['entries-added'], stream['length'], info['pending']
local captured = added - counted('base')
local removed_by_others = added - length - counted('removed_before') - counted('trimmed')

local unread = -1
local first = stream['first-entry']
if length == 0 then
  unread = 0
elseif is_after(first[1], info['last-delivered-id']) then
  unread = length
elseif info['lag'] and removed_by_others == 0 then
  unread = info['lag']
else
  -- Others trim this stream as well: only counting tells what was read of what is left.
  local read = redis.call('XRANGE', input, '-', info['last-delivered-id'], 'COUNT', request.max_counted + 1)
  if #read <= request.max_counted then unread = length - #read end
end
if unread >= 0 and removed_by_others > 0 then
  local lost = captured - counted('acknowledged') - pending - unread
  if lost > counted('lost_upstream') then
    redis.call('HSET', ledger, 'lost_upstream', lost)
    flat[#flat + 1], flat[#flat + 2] = 'lost_upstream', lost
  end
end
return { captured, length, pending, unread, waiting, queues, flat }
