-- retry_fields(flat, failure): the record that goes to the retry stream. A failure ({ processor_id, error, at, terminal })
-- counts as an attempt and is appended to `errors`; without one the frame comes back as it went.
local function retry_fields(flat, failure)
  if not failure then return flat end
  local ok, errors = pcall(cjson.decode, field(flat, 'errors') or '[]')
  if not ok or type(errors) ~= 'table' then errors = {} end
  local attempt = tonumber(string.match(field(flat, 'attempt') or '', '^%d%d?%d?%d?%d?%d?$') or '1')
  local former = #errors
  errors[#errors + 1] = { processor_id = failure.processor_id, attempt = attempt, error = failure.error, at = failure.at }
  -- What others wrote there may be decodable and still not encodable (NaN): then only our own error is kept.
  local encodable, json = pcall(cjson.encode, errors)
  if not encodable then json = cjson.encode({ errors[former + 1] }) end
  local added = {
    'attempt', tostring(attempt + 1), 'failed_by', failure.processor_id, 'errors', json,
    'terminal', failure.terminal and '1' or '0',
  }
  return with_fields(flat, names('attempt', 'failed_by', 'errors', 'terminal'), added)
end
