-- How many frames a processor has finished (`done`) and failed, since it came: fields of the ledger that its circuit breaker goes by.
local function outcomes_field(kind, processor_id)
  return kind .. ':' .. processor_id
end

-- Returns the new count.
local function count_outcomes(ledger, kind, processor_id, count)
  if processor_id then return redis.call('HINCRBY', ledger, outcomes_field(kind, processor_id), count) end
end
