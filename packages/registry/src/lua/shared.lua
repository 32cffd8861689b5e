-- A JSON object as a table; nil for anything else: whatever somebody wrote into a key must not stop a script.
local function object(json)
  local readable, value = pcall(cjson.decode, json)
  return readable and type(value) == 'table' and value or nil
end

local request = cjson.decode(ARGV[1])

