-- Renews a processor's lease.
--
-- KEYS: registry, health
-- ARGV[1], JSON: { id, instance_id or nothing, health (JSON text) }
-- Returns 'alive', 'unknown' (register again) or 'replaced' (another run holds the id).
local registry, health = KEYS[1], KEYS[2]
local holder = object(redis.call('HGET', registry, request.id))
if not holder or type(holder.lease_ms) ~= 'number' then return 'unknown' end
if request.instance_id and holder.instance_id ~= request.instance_id then return 'replaced' end
-- A full memory refuses SET, but not PEXPIRE: whoever is alive stays so, and works off what fills it. Redis takes the SET as well, as
-- it takes everything of a script that has written; should it not, the former heartbeat stands for another lease.
local renewed = redis.call('PEXPIRE', health, holder.lease_ms)
local written = redis.pcall('SET', health, request.health, 'PX', holder.lease_ms)
if written.err and renewed == 0 then return redis.error_reply(written.err) end
return 'alive'
