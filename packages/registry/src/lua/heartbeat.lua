-- Renews a processor's lease.
--
-- KEYS: registry, health
-- ARGV[1], JSON: { id, instance_id or nothing, health (JSON text) }
-- Returns 'alive', 'unknown' (register again) or 'replaced' (another run holds the id).
local registry, health = KEYS[1], KEYS[2]
local request = cjson.decode(ARGV[1])
local holder = redis.call('HGET', registry, request.id)
if not holder then return 'unknown' end
holder = cjson.decode(holder)
if request.instance_id and holder.instance_id ~= request.instance_id then return 'replaced' end
redis.call('SET', health, request.health, 'PX', holder.lease_ms)
return 'alive'
