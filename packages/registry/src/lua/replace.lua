-- Replaces a registration, if it is still the one that was read. It is no sign of life: a lease of another length counts from the
-- last one.
--
-- KEYS: registry, health, results
-- ARGV[1], JSON: { id, former (JSON text), next (JSON text), new_results (whether its results go elsewhere from now on), longer_ms (by
--   how much the lease grows), events (channel), notice }
-- Returns { 'changed' }, { 'outrun' } where somebody else was faster, { 'wrong_type', its type } where results is no stream, or
-- { 'queue_taken', the processor whose queue it is }; but for the first, nothing was changed.
local registry, health, results = KEYS[1], KEYS[2], KEYS[3]
if redis.call('HGET', registry, request.id) ~= request.former then return { 'outrun' } end
if request.new_results then
  local kind = redis.call('TYPE', results).ok
  if kind ~= 'stream' and kind ~= 'none' then return { 'wrong_type', kind } end
  for _, json in ipairs(redis.call('HVALS', registry)) do
    local other = object(json)
    if other and other.queue == results then return { 'queue_taken', tostring(other.id) } end
  end
end
-- Before all else: a full memory refuses HSET, unless its script has written already, as PEXPIRE does, which is never refused.
local left_ms = redis.call('PTTL', health)
if left_ms > 0 then redis.call('PEXPIRE', health, math.max(1, left_ms + request.longer_ms)) end
redis.call('HSET', registry, request.id, request.next)
redis.call('PUBLISH', request.events, request.notice)
return { 'changed' }
