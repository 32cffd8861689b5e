-- What decoding leaves room for in a frame that comes back: all of its errors, and the text of one, which JSON may make six times as long.
local MAX_ERRORS_BYTES, MAX_ERROR_BYTES, MAX_NAME_BYTES = 14 * 1024, 2000, 128

-- At most so many bytes of a text, without half a character at its end.
local function cut(text, bytes)
  if #text <= bytes then return text end
  return (string.gsub(string.sub(text, 1, bytes), '[\192-\255][\128-\191]*$', ''))
end

-- From somebody else, too. Fields are named after the processor.
local function require_failure(failure)
  local id = type(failure) == 'table' and failure.processor_id
  if type(id) ~= 'string' or #id > MAX_NAME_BYTES then refuse('ERR', 'a failure names no processor') end
end

-- The last errors that there is room for, as JSON, whatever others wrote there. Our own one always has room.
local function errors_json(former, own)
  local ok, errors = pcall(cjson.decode, former or '[]')
  if not ok or type(errors) ~= 'table' then errors = {} end
  errors[#errors + 1] = own
  local kept, room = {}, MAX_ERRORS_BYTES
  for i = #errors, 1, -1 do
    -- What others wrote may be decodable and still not encodable (NaN).
    local encodable, json = pcall(cjson.encode, errors[i])
    room = encodable and room - #json - 1 or -1
    if room < 0 then break end
    table.insert(kept, 1, json)
  end
  return '[' .. table.concat(kept, ',') .. ']'
end

-- retry_fields(flat, failure): the record that goes to the retry stream. A failure ({ processor_id, error, at, terminal })
-- counts as an attempt and is appended to `errors`; without one the frame comes back as it went.
local function retry_fields(flat, failure)
  if not failure then return flat end
  local attempt = tonumber(string.match(field(flat, 'attempt') or '', '^%d%d?%d?%d?%d?%d?$') or '1')
  local function text_of(value, bytes) return type(value) == 'string' and cut(value, bytes) or 'unknown' end
  local own = {
    processor_id = failure.processor_id, attempt = attempt, error = text_of(failure.error, MAX_ERROR_BYTES),
    at = text_of(failure.at, MAX_NAME_BYTES),
  }
  local added = {
    'attempt', tostring(attempt + 1), 'failed_by', failure.processor_id, 'errors', errors_json(field(flat, 'errors'), own),
    'terminal', failure.terminal and failure.terminal ~= cjson.null and '1' or '0',
  }
  return with_fields(flat, names('attempt', 'failed_by', 'errors', 'terminal'), added)
end
