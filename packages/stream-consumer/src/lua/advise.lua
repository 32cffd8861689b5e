-- Publishes what the cameras are advised. One orchestrator does so at a time: the holder of the lease, which each call renews.
--
-- KEYS: advised rates, advisor
-- ARGV[1], JSON: { by, lease_ms, expiry_ms, events, notice, cameras [camera id, advice, ...] (missing: as it was) }
-- Returns 1; 0 where another one advises; 2 where it should be as it was and is gone
--include checks
local rates, advisor = KEYS[1], KEYS[2]
local request = cjson.decode(ARGV[1])
require_type('hash', rates)
require_type('string', advisor)
local holder = redis.call('GET', advisor)
if holder and holder ~= request.by then return 0 end
redis.call('SET', advisor, request.by, 'PX', request.lease_ms)
if not request.cameras then
  if redis.call('PEXPIRE', rates, request.expiry_ms) == 0 then return 2 end
  return 1
end
redis.call('DEL', rates)
for i = 1, #request.cameras, 2 do redis.call('HSET', rates, request.cameras[i], request.cameras[i + 1]) end
redis.call('PEXPIRE', rates, request.expiry_ms)
redis.call('PUBLISH', request.events, request.notice)
return 1
