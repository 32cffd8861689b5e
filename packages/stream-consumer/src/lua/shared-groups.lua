-- Puts a group at a position, creating it where it is missing. @param read how many entries it has read, where that is known.
local function move_group(stream, exists, group, position, read)
  local verb = exists and 'SETID' or 'CREATE'
  if read then
    redis.call('XGROUP', verb, stream, group, position, 'ENTRIESREAD', read)
  else
    redis.call('XGROUP', verb, stream, group, position)
  end
end

-- Makes an entry pending for a consumer as XPENDING told it: { id, consumer, idle ms, deliveries }.
local function claim(stream, group, consumer, entry)
  redis.call('XCLAIM', stream, group, consumer, 0, entry[1], 'IDLE', entry[3], 'RETRYCOUNT', entry[4], 'FORCE', 'JUSTID')
end
