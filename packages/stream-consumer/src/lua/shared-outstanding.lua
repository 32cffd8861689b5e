-- outstanding(queue, group, completion): entries of a work queue that are not acknowledged, or -1 where the queue or its
-- group doesn't exist. Where every completed entry is deleted that is the stream's length; where clients only acknowledge it
-- is pending plus lag, and where Redis can't tell the lag (nil, after deletions) the unread entries are counted.
local function group_info(queue, group)
  local groups = redis.pcall('XINFO', 'GROUPS', queue)
  if groups.err then return nil end
  for _, fields in ipairs(groups) do
    local info = {}
    for i = 1, #fields, 2 do info[fields[i]] = fields[i + 1] end
    if info['name'] == group then return info end
  end
  return nil
end

local function outstanding(queue, group, completion)
  if completion == 'delete' then return redis.call('XLEN', queue) end
  local info = group_info(queue, group)
  if not info then return -1 end
  local lag = info['lag']
  if not lag then lag = #redis.call('XRANGE', queue, '(' .. info['last-delivered-id'], '+') end
  return info['pending'] + lag
end

-- The ledger's field for a work queue: frames handed to it that no script has taken out of it again. The names of completion
-- and group hold no colon, so the books can tell the parts apart.
local function open_field(completion, group, queue)
  return 'open:' .. completion .. ':' .. group .. ':' .. queue
end
