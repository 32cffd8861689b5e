-- Takes a registration out of the registry, if it is still that of the named run; with `only_dead` only if no heartbeat is left.
--
-- KEYS: registry, health
-- ARGV[1], JSON: { id, instance_id or nothing (any run), only_dead, events (channel), notice }
-- Returns the registration removed as JSON, or ''.
local registry, health = KEYS[1], KEYS[2]
local former = redis.call('HGET', registry, request.id)
if not former then return '' end
local holder = object(former)
if request.instance_id and (not holder or holder.instance_id ~= request.instance_id) then return '' end
if request.only_dead and redis.call('EXISTS', health) == 1 then return '' end
redis.call('HDEL', registry, request.id)
redis.call('DEL', health)
redis.call('PUBLISH', request.events, request.notice)
return former
