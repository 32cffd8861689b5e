-- Trims a stream below what every consumer group has acknowledged. Never touches what any group still needs.
--
-- KEYS: ledger, stream
-- ARGV[1], JSON: { limit, counter: ledger field or nothing, without_groups: length to keep where there is no group, or nothing }
-- Returns the number of entries trimmed.
--include checks
--include ids
local ledger, stream = KEYS[1], KEYS[2]
local request = cjson.decode(ARGV[1])
require_type('hash', ledger)
local groups = redis.pcall('XINFO', 'GROUPS', stream)
if groups.err then return 0 end
local trimmed = 0
if #groups == 0 then
  if not request.without_groups then return 0 end
  trimmed = redis.call('XTRIM', stream, 'MAXLEN', '~', request.without_groups, 'LIMIT', request.limit)
else
  local keep
  for _, fields in ipairs(groups) do
    local info = {}
    for i = 1, #fields, 2 do info[fields[i]] = fields[i + 1] end
    local oldest
    if info['pending'] > 0 then
      oldest = redis.call('XPENDING', stream, info['name'])[2]
    else
      oldest = next_id(info['last-delivered-id'])
    end
    if not keep or is_after(keep, oldest) then keep = oldest end
  end
  trimmed = redis.call('XTRIM', stream, 'MINID', '~', keep, 'LIMIT', request.limit)
end
if trimmed > 0 and request.counter then redis.call('HINCRBY', ledger, request.counter, trimmed) end
return trimmed
