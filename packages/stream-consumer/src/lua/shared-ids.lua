-- Entry ids are <ms>-<seq>; both parts fit a double.
local function id_parts(id)
  local ms, seq = string.match(id, '^(%d+)-(%d+)$')
  return tonumber(ms), tonumber(seq)
end

local function is_after(id, other)
  local ms, seq = id_parts(id)
  local other_ms, other_seq = id_parts(other)
  if ms ~= other_ms then return ms > other_ms end
  return seq > other_seq
end
