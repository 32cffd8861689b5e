-- Reads everything that the books are made of at one moment, and books what publishers trimmed away unread.
--
-- KEYS: ledger, input, retry, queue...
-- ARGV[1], JSON: { group, queues: [[group, completion]...] in the order of the queues, max_counted }
-- Returns { captured so far (-1: no books), length of the input, pending, unread (-1: can't be told now), waiting retry,
--   [[outstanding, not acknowledged by Redis' counters] of each queue, -1 where it doesn't exist], ledger as [name, value...] }
--include outstanding
--include ids
--include input
local ledger, input, retry = KEYS[1], KEYS[2], KEYS[3]
local request = cjson.decode(ARGV[1])
local ledger_fields = {}
local flat = redis.call('HGETALL', ledger)
for i = 1, #flat, 2 do ledger_fields[flat[i]] = flat[i + 1] end
local function counted(name) return tonumber(ledger_fields[name] or '0') end

local queues = {}
for i, queue in ipairs(request.queues) do queues[i] = { outstanding(KEYS[3 + i], queue[1], queue[2], true) } end
local waiting = redis.pcall('XLEN', retry)
if type(waiting) ~= 'number' then waiting = 0 end
if not ledger_fields['opened_at'] then return { -1, 0, 0, -1, waiting, queues, flat } end

-- Without a group nothing was read yet: it is made again from the beginning.
local info = group_info(input, request.group) or { ['pending'] = 0, ['last-delivered-id'] = '0-0' }
local stream = stream_info(input)
local added, length, pending = stream['entries-added'], stream['length'], info['pending']
local base, removed_before, made_again = follow_input(ledger, counted, added)
local captured = math.max(0, added - base)
local removed_by_others = added - length - removed_before - counted('trimmed')

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
if unread >= 0 and (removed_by_others > 0 or made_again > 0) then
  local lost = captured - counted('acknowledged') - pending - unread
  if lost > counted('lost_upstream') then
    -- A full memory refuses to keep it: then it is found again the next time.
    redis.pcall('HSET', ledger, 'lost_upstream', lost)
    flat[#flat + 1], flat[#flat + 2] = 'lost_upstream', lost
  end
end
return { captured, length, pending, unread, waiting, queues, flat }
