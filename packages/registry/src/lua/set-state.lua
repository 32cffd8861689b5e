-- Changes the state of a registered processor: active, draining or isolated. Fields are kept as they are, byte for byte, but
-- for the state, which the registry writes first.
--
-- KEYS: registry
-- ARGV[1], JSON: { id, state }
-- Returns the registration as JSON, or '' where there is none.
local request = cjson.decode(ARGV[1])
local former = redis.call('HGET', KEYS[1], request.id)
if not former then return '' end
-- Decoding and encoding with cjson would turn empty lists into objects.
local changed = string.gsub(former, '^{"state":"%a+"', '{"state":"' .. request.state .. '"', 1)
redis.call('HSET', KEYS[1], request.id, changed)
return changed
