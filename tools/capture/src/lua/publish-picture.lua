-- Publishes one picture: takes its key, and only if the key was free appends its record. One step, so no record is without its
-- picture; safe to run twice, because a client that lost the answer sends the command again and then finds the key taken.
-- KEYS: 1 the picture's key, 2 the input stream
-- ARGV: 1 what the key holds (the picture, or the path of its file), 2 expiry in ms, 3... names and values of the record
-- Returns the entry's id, or false where the picture had been published before.
if not redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2], 'NX') then
  return false
end
return redis.call('XADD', KEYS[2], '*', unpack(ARGV, 3))
