-- A script has no rollback: what could make a command fail is ruled out before anything is written.
local function refuse(code, fault)
  error({ err = code .. ' ' .. fault .. ': nothing was changed' })
end

local function require_type(wanted, ...)
  for _, key in ipairs({ ... }) do
    local kind = redis.call('TYPE', key).ok
    if kind ~= wanted and kind ~= 'none' then refuse('WRONGTYPE', key .. ' is a ' .. kind .. ', not a ' .. wanted) end
  end
end

local function fits_in_64_bits(digits)
  return #digits < 20 or #digits == 20 and digits <= '18446744073709551615'
end

local function is_entry_id(id)
  -- Most are short enough for both parts to fit: `find` makes no strings of them.
  if type(id) == 'string' and #id <= 20 and string.find(id, '^%d+%-%d+$') then return true end
  local ms, seq = string.match(type(id) == 'string' and id or '', '^(%d+)-(%d+)$')
  return ms and fits_in_64_bits(ms) and fits_in_64_bits(seq)
end

local function require_entry_id(id)
  if not is_entry_id(id) then refuse('ERR', 'not the id of an entry') end
end

-- What XADD takes: names and values, at least one of each. `concat` refuses what is neither text nor number, at the speed of C.
local function require_record(flat)
  if type(flat) ~= 'table' or #flat == 0 or #flat % 2 ~= 0 or not pcall(table.concat, flat) then
    refuse('ERR', 'a record is no list of names and values')
  end
end

-- What a request must say. Used after the first write, anything else would fail there.
local function require_kind(kind, request, ...)
  for _, name in ipairs({ ... }) do
    if type(request[name]) ~= kind then refuse('ERR', name .. ' is no ' .. kind) end
  end
end
