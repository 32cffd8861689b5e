-- Puts a registration into the registry, unless another run of the same processor holds the id and was seen alive lately: it
-- registered, sent a heartbeat or read its queue. Time is that of Redis, so orchestrators need no common clock.
-- A run gets in only when its queue is empty: what a former one had must be taken back first, while nothing can be handed off to it.
-- So the former run is put out, and the caller comes again.
--
-- KEYS: registry, health, queue, results
-- ARGV[1], JSON: { id, registration (JSON text), health (JSON text), instance_id, group, queue_json (JSON text), lease_ms, takeover,
--   share_queue, seen_alive_ms, events (channel), notice, put_out (the notice where the former run is put out) }
-- Returns { 'registered' }; { 'unsettled', the former run's registration as JSON, which is out now, or '' where frames lie in the
-- queue though nobody holds the id }; or, with nothing changed, { 'conflict', the holder's registration }, { 'queue_taken', that of the
-- other processor }, { 'wrong_type', 'queue' or 'results', its type }.
local registry, health, queue, results = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local former = redis.call('HGET', registry, request.id)

local function seen_alive(holder)
  local left_ms = redis.call('PTTL', health)
  if left_ms > 0 and type(holder.lease_ms) == 'number' and holder.lease_ms - left_ms < request.seen_alive_ms then return true end
  if type(holder.queue) ~= 'string' or type(holder.group) ~= 'string' then return false end
  local consumers = redis.pcall('XINFO', 'CONSUMERS', holder.queue, holder.group)
  if consumers.err then return false end
  for _, flat in ipairs(consumers) do
    for i = 1, #flat, 2 do
      if flat[i] == 'idle' and flat[i + 1] < request.seen_alive_ms then return true end
    end
  end
  return false
end

local holder = object(former)
local same_run = holder and holder.instance_id == request.instance_id
if holder and not request.takeover and not same_run and seen_alive(holder) then
  return { 'conflict', former }
end

for field, key in pairs({ queue = queue, results = results }) do
  local kind = redis.call('TYPE', key).ok
  if kind ~= 'stream' and kind ~= 'none' then return { 'wrong_type', field, kind } end
end

-- Two processors on one queue would each be given the other's frames, and lose them when the other leaves.
for _, json in ipairs(request.share_queue and {} or redis.call('HVALS', registry)) do
  if string.find(json, request.queue_json, 1, true) then
    local other = object(json)
    if other and other.id ~= request.id and other.queue == queue then return { 'queue_taken', json } end
  end
end

if holder and not same_run then
  redis.call('HDEL', registry, request.id)
  redis.call('DEL', health)
  redis.call('PUBLISH', request.events, request.put_out)
  return { 'unsettled', former }
end
if not same_run and not request.share_queue and redis.call('XLEN', queue) > 0 then return { 'unsettled', '' } end

local created = redis.pcall('XGROUP', 'CREATE', queue, request.group, '0', 'MKSTREAM')
if created.err and not string.find(created.err, 'BUSYGROUP', 1, true) then return redis.error_reply(created.err) end
redis.call('HSET', registry, request.id, request.registration)
redis.call('SET', health, request.health, 'PX', request.lease_ms)
redis.call('PUBLISH', request.events, request.notice)
return { 'registered' }
