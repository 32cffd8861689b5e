-- XINFO STREAM as a table; as of an empty stream where there is none.
local function stream_info(stream)
  local info = { ['entries-added'] = 0, ['length'] = 0, ['last-generated-id'] = '0-0' }
  local reply = redis.pcall('XINFO', 'STREAM', stream)
  if not reply.err then
    for i = 1, #reply, 2 do info[reply[i]] = reply[i + 1] end
  end
  return info
end

-- An input that was deleted and made again counts its entries from 0: the books go on from where they saw it last, so that what
-- went with the old one is found missing. `counted(name)` reads a field of the ledger.
-- Returns base, removed_before, made_again; a full memory may refuse to keep them, then they are found again the next time.
local function follow_input(ledger, counted, added)
  local base, removed_before, made_again, seen = counted('base'), counted('removed_before'), counted('made_again'), counted('added_seen')
  if added < seen then base, removed_before, made_again = base - seen, -counted('trimmed'), made_again + 1 end
  if added ~= seen then
    redis.pcall('HSET', ledger, 'base', base, 'removed_before', removed_before, 'made_again', made_again, 'added_seen', added)
  end
  return base, removed_before, made_again
end
