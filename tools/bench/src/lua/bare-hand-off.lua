-- The least that a hand-off can be: the acknowledgement gates the copy, bodies come with the call, queues take turns.
--
-- KEYS: input, queue...
-- ARGV: group, number of frames, number of the first one, then for each frame: id, length of its list, name, value...
-- Returns how many were handed off.
local call, input, group, queues = redis.call, KEYS[1], ARGV[1], #KEYS - 1
local count, first, at, handed = tonumber(ARGV[2]), tonumber(ARGV[3]), 4, 0
for i = 0, count - 1 do
  local length = tonumber(ARGV[at + 1])
  if call('XACK', input, group, ARGV[at]) == 1 then
    call('XADD', KEYS[2 + (first + i) % queues], '*', unpack(ARGV, at + 2, at + 1 + length))
    handed = handed + 1
  end
  at = at + 2 + length
end
return handed
