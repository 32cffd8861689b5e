-- Renews a processor's lease.
--
-- KEYS: registry, health
-- ARGV[1], JSON: { id, instance_id or nothing, health (JSON text) }
-- Returns 'alive', 'unknown' (register again) or 'replaced' (another run holds the id).
local registry, health = KEYS[1], KEYS[2]
local holder = object(redis.call('HGET', registry, request.id))
if not holder or type(holder.lease_ms) ~= 'number' then return 'unknown' end
if request.instance_id and holder.instance_id ~= request.instance_id then return 'replaced' end
redis.call('SET', health, request.health, 'PX', holder.lease_ms)
return 'alive'
