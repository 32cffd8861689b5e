-- Replaces a registration, if it is still the one that was read. It is no sign of life: a lease of another length counts from the
-- last one.
--
-- KEYS: registry, health
-- ARGV[1], JSON: { id, former (JSON text), next (JSON text), longer_ms (by how much the lease grows), events (channel), notice }
-- Returns 1, or 0 where somebody else was faster.
local registry, health = KEYS[1], KEYS[2]
if redis.call('HGET', registry, request.id) ~= request.former then return 0 end
-- Before all else: a full memory refuses HSET, unless its script has written already, as PEXPIRE does, which is never refused.
local left_ms = redis.call('PTTL', health)
if left_ms > 0 then redis.call('PEXPIRE', health, math.max(1, left_ms + request.longer_ms)) end
redis.call('HSET', registry, request.id, request.next)
redis.call('PUBLISH', request.events, request.notice)
return 1
