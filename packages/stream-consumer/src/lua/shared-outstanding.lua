-- The groups of a stream, as tables; none where there is no such stream.
local function groups_of(stream)
  local groups = redis.pcall('XINFO', 'GROUPS', stream)
  local infos = {}
  if groups.err then return infos end
  for i, fields in ipairs(groups) do
    local info = {}
    for f = 1, #fields, 2 do info[fields[f]] = fields[f + 1] end
    infos[i] = info
  end
  return infos
end

local function group_info(stream, group)
  for _, info in ipairs(groups_of(stream)) do
    if info['name'] == group then return info end
  end
  return nil
end

local function count_unread(queue, info)
  return #redis.call('XRANGE', queue, '(' .. info['last-delivered-id'], '+')
end

-- outstanding(queue, group, completion, exact): entries of a work queue that are not acknowledged, or -1 where the queue or its
-- group doesn't exist. Where every completed entry is deleted that is the stream's length; where clients only acknowledge it
-- is pending plus unread. Redis' lag tells the unread ones, unless it is nil (after deletions) or counts entries that somebody
-- removed unread; with `exact` they are always counted one by one.
-- The second answer is what the counters of Redis say is not acknowledged: it is larger by what was removed unread.
local function outstanding(queue, group, completion, exact)
  if completion == 'delete' then
    local length = redis.pcall('XLEN', queue)
    if type(length) ~= 'number' or length == 0 and redis.call('EXISTS', queue) == 0 then return -1, -1 end
    return length, length
  end
  local info = group_info(queue, group)
  if not info then return -1, -1 end
  local pending, lag = info['pending'], info['lag']
  local unread = lag
  if not lag or lag > 0 and (exact or lag > redis.call('XLEN', queue)) then unread = count_unread(queue, info) end
  return pending + unread, pending + (lag or unread)
end

-- The ledger's field for a work queue: frames handed to it that no script has taken out of it again. The names of completion
-- and group hold no colon, so the books can tell the parts apart.
local function open_field(completion, group, queue)
  return 'open:' .. completion .. ':' .. group .. ':' .. queue
end

-- Books frames that a script took out of a queue. The client that finishes them need not know how it is registered; frames in a
-- queue that the books don't know came from elsewhere (another service before this one): they enter the books here.
local function book_out(ledger, group, queue, count)
  for _, completion in ipairs({ 'delete', 'acknowledge' }) do
    local field = open_field(completion, group, queue)
    if redis.call('HEXISTS', ledger, field) == 1 then
      redis.call('HINCRBY', ledger, field, -count)
      return
    end
  end
  redis.call('HINCRBY', ledger, 'found_in_queues', count)
end
