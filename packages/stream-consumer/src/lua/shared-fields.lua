-- Lua passes some 8,000 values to a call at most. Decoding refuses records anywhere near; the rest of one that comes all the
-- same (a bad record on its way to the dead letter) is left out rather than the whole.
local MAX_VALUES = 4000

-- body(stream, id): the flat fields of one entry, or nil where it was deleted.
local function body(stream, id)
  local entry = redis.call('XRANGE', stream, id, id)[1]
  return entry and entry[2]
end

local function names(...)
  local set = {}
  for _, name in ipairs({ ... }) do set[name] = true end
  return set
end

-- The set of the names in flat lists.
local function names_in(...)
  local set = {}
  for _, flat in ipairs({ ... }) do
    for i = 1, #flat, 2 do set[flat[i]] = true end
  end
  return set
end

-- with_fields(flat, replaced, ...): a new flat list of the fields that aren't in the set `replaced`, then the given lists.
-- Bytes are copied as they are.
local function with_fields(flat, replaced, ...)
  local merged, n = {}, 0
  for i = 1, math.min(#flat, MAX_VALUES), 2 do
    local name = flat[i]
    if not replaced[name] then
      merged[n + 1], merged[n + 2], n = name, flat[i + 1], n + 2
    end
  end
  for _, added in ipairs({ ... }) do
    for i = 1, #added do
      n = n + 1
      merged[n] = added[i]
    end
  end
  return merged
end

local function field(flat, name)
  for i = 1, #flat, 2 do
    if flat[i] == name then return flat[i + 1] end
  end
  return nil
end

local function add(stream, flat)
  return redis.call('XADD', stream, '*', unpack(flat, 1, math.min(#flat, MAX_VALUES + 100)))
end
