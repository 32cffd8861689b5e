-- Puts a registration into the registry, unless another run of the same processor holds the id and was seen alive lately:
-- it registered, sent a heartbeat or read its queue.
--
-- KEYS: registry, health, queue
-- ARGV[1], JSON: { id, registration (JSON text), health (JSON text), instance_id, group, lease_ms, takeover, now_ms, seen_alive_ms }
-- Returns { 'registered' | 'conflict', former registration as JSON or '' }
local registry, health, queue = KEYS[1], KEYS[2], KEYS[3]
local request = cjson.decode(ARGV[1])
local former = redis.call('HGET', registry, request.id)

local function seen_alive(holder)
  local beat = redis.call('GET', health)
  local heard_ms = beat and cjson.decode(beat).received_at_ms or 0
  if request.now_ms - heard_ms < request.seen_alive_ms then return true end
  local consumers = redis.pcall('XINFO', 'CONSUMERS', holder.queue, holder.group)
  if consumers.err then return false end
  for _, flat in ipairs(consumers) do
    for i = 1, #flat, 2 do
      if flat[i] == 'idle' and flat[i + 1] < request.seen_alive_ms then return true end
    end
  end
  return false
end

if former and not request.takeover then
  local holder = cjson.decode(former)
  if holder.instance_id ~= request.instance_id and seen_alive(holder) then return { 'conflict', former } end
end

local groups = redis.pcall('XINFO', 'GROUPS', queue)
local exists = false
if not groups.err then
  for _, flat in ipairs(groups) do
    if flat[2] == request.group then exists = true end
  end
end
if not exists then redis.call('XGROUP', 'CREATE', queue, request.group, '0', 'MKSTREAM') end
redis.call('HSET', registry, request.id, request.registration)
redis.call('SET', health, request.health, 'PX', request.lease_ms)
return { 'registered', former or '' }
