-- KEYS: queue...
-- ARGV[1], JSON: { queues: [[group, completion]...] }
-- Returns the outstanding entries of each queue, -1 where it doesn't exist.
--include outstanding
local request, counts = cjson.decode(ARGV[1]), {}
for i, queue in ipairs(request.queues) do counts[i] = outstanding(KEYS[i], queue[1], queue[2]) end
return counts
