-- Entry ids are <ms>-<seq>, each up to 2^64 - 1, which is more than a number here can tell apart: they are compared as digits.
local function id_parts(id)
  return string.match(id, '^0*(%d+)-0*(%d+)$')
end

local function is_larger(digits, others)
  if #digits ~= #others then return #digits > #others end
  return digits > others
end

local function is_after(id, other)
  local ms, seq = id_parts(id)
  local other_ms, other_seq = id_parts(other)
  if ms ~= other_ms then return is_larger(ms, other_ms) end
  return is_larger(seq, other_seq)
end

local MAX_PART = '18446744073709551615'

local function plus_one(digits)
  local head, digit, nines = string.match(digits, '^(%d-)([0-8]?)(9*)$')
  return head .. (digit == '' and '1' or digit + 1) .. string.rep('0', #nines)
end

-- The smallest id behind this one; behind the last one there is none, and it is that itself.
local function next_id(id)
  local ms, seq = id_parts(id)
  if seq ~= MAX_PART then return ms .. '-' .. plus_one(seq) end
  return ms == MAX_PART and id or plus_one(ms) .. '-0'
end
